package io.sagitta.attack.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A line of JSON an event, appended to a file, for other programs: {@code time}, {@code step},
 * {@code event} (begin, note, model, update, end, finish) and what belongs to it.
 */
final class JsonLinesProgress extends Pace {
  private static final double SECONDS_BETWEEN = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  JsonLinesProgress(Path file) {
    this(file, System::nanoTime);
  }

  JsonLinesProgress(Path file, LongSupplier nanos) {
    super(nanos);
    this.file = file;
  }

  @Override
  public void begin(String name, int pendingModels, int done) {
    super.begin(name, pendingModels, done);
    Map<String, Object> event = event("begin");
    event.put("pending", pendingModels);
    event.put("done", done);
    append(event);
  }

  @Override
  public void note(String message, Map<String, Object> figures) {
    Map<String, Object> event = event("note");
    event.put("message", message);
    event.putAll(figures);
    append(event);
  }

  @Override
  public void model(int index) {
    super.model(index);
    append(modelEvent("model"));
  }

  @Override
  public void update(double workDone, Map<String, Object> figures) {
    super.update(workDone, figures);
    if (isModelDue(SECONDS_BETWEEN)) {
      Map<String, Object> event = modelEvent("update");
      event.put("fraction", workDone);
      event.putAll(figures);
      event.put("model_seconds_left", modelSecondsLeft());
      event.put("step_seconds_left", stepSecondsLeft());
      event.put("step_fraction", stepFraction());
      event.put("models_per_hour", modelsPerHour());
      event.put("at_once", atOnce());
      append(event);
    }
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    Map<String, Object> event = modelEvent("end");
    super.end(outcome, figures);
    event.put("outcome", outcome);
    event.putAll(figures);
    event.put("seconds", modelSeconds());
    append(event);
  }

  @Override
  public void finish() {
    append(event("finish"));
  }

  private Map<String, Object> event(String name) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("time", Instant.now().toString());
    event.put("step", step());
    event.put("event", name);
    return event;
  }

  private Map<String, Object> modelEvent(String name) {
    Map<String, Object> event = event(name);
    event.put("model", modelIndex());
    return event;
  }

  private void append(Map<String, Object> event) {
    try {
      Files.writeString(
          file, JSON.writeValueAsString(event) + "\n", StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and text have a JSON form", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e, e);
    }
  }
}
