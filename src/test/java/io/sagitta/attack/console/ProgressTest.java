package io.sagitta.attack.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;
  private final StringWriter text = new StringWriter();
  private final List<ExecutorService> own = new ArrayList<>();
  private long now;

  /** Two models of 100 seconds, told every 10 seconds. */
  private void work(Progress progress) {
    progress.begin("shadows", 2, 3);
    for (int model = 3; model < 5; model++) {
      progress.model(model);
      for (int tenth = 1; tenth <= 9; tenth++) {
        now += 10 * SECOND;
        progress.update(tenth / 10.0, figures("epoch", tenth + "/10", "loss", 1.23456));
      }
      now += 10 * SECOND;
      progress.end("trained", figures("loss", 0.5));
    }
    progress.finish();
  }

  /** Of the first model an earlier call did six tenths, of the second none. */
  @Test
  void timeLeftGoesByWhatThisCallDid() {
    Progress progress = new LineProgress(new PrintWriter(text), () -> now);
    progress.begin("shadows", 2, 0);
    progress.model(0);
    for (int tenth = 7; tenth <= 8; tenth++) {
      now += 10 * SECOND;
      progress.update(tenth / 10.0, figures("loss", 1.5));
    }
    List<String> lines = text.toString().lines().toList();
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo("shadows 1/2: model 0, loss 1.500, 0:20 left, 2:00 in all");
    now += 20 * SECOND;
    progress.end("trained", Map.of());
    progress.model(1);
    for (int tenth = 1; tenth <= 2; tenth++) {
      now += 10 * SECOND;
      progress.update(tenth / 10.0, figures("loss", 1.5));
    }
    lines = text.toString().lines().toList();
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo("shadows 2/2: model 1, loss 1.500, 1:20 left, 1:20 in all");
  }

  /** Half a minute's trials before the first model made ten hours of these two minutes. */
  @Test
  void timeLeftGoesByTheModelsAlone() {
    Progress progress = new LineProgress(new PrintWriter(text), () -> now);
    progress.begin("shadows", 12, 0);
    now += 30 * SECOND;
    progress.note("one model at a time", Map.of());
    progress.model(0);
    for (int step = 1; step <= 100; step++) {
      now += SECOND / 10;
      progress.update(step / 100.0, figures("loss", 1.5));
    }
    assertThat(text.toString().lines())
        .containsExactly(
            "shadows: 12 models to do", "shadows: one model at a time",
            "shadows 1/12: model 0, loss 1.500, 0:00 left, 1:50 in all");
  }

  private static Map<String, Object> figures(Object... pairs) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      figures.put((String) pairs[i], pairs[i + 1]);
    }
    return figures;
  }

  @Test
  void linesShowFiguresAndTimeLeft() {
    work(new LineProgress(new PrintWriter(text), () -> now));
    List<String> lines = text.toString().lines().toList();
    assertThat(lines).hasSize(1 + 2 * (9 + 1));
    assertThat(lines.get(0)).isEqualTo("shadows: 2 models to do, 3 done");
    assertThat(lines.get(3))
        .isEqualTo(
            "shadows 1/2: model 3, epoch 3/10, loss 1.235, 1:10 left, 2:50 in all");
    assertThat(lines.get(10))
        .isEqualTo("shadows 1/2: model 3 trained, loss 0.500, took 1:40, 1:40 left in all");
    assertThat(lines.get(20)).startsWith("shadows 2/2: model 4 trained").contains("0:00 left");
    assertThat(text.toString()).as("no control characters").matches("[\\P{Cntrl}\\n]*");
  }

  /** Two models at a time, each on a thread of its own, told every 10 seconds. */
  private void workTogether(Progress progress) throws Exception {
    progress.begin("shadows", 4, 0);
    progress.note("2 models at once", figures("at_once", 2));
    for (int model = 0; model < 2; model++) {
      int index = model;
      onItsOwn(() -> progress.model(index));
    }
    ExecutorService[] threads = own.toArray(ExecutorService[]::new);
    for (int tenth = 1; tenth <= 5; tenth++) {
      now += 10 * SECOND;
      Map<String, Object> figures = figures("epoch", tenth + "/10");
      double fraction = tenth / 10.0;
      for (ExecutorService thread : threads) {
        thread.submit(() -> progress.update(fraction, figures)).get();
      }
    }
    progress.finish();
  }

  private void onItsOwn(Runnable work) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    own.add(thread);
    thread.submit(work).get();
  }

  @AfterEach
  void endThreads() {
    own.forEach(ExecutorService::shutdownNow);
  }

  @Test
  void linesShowSeveralModelsAtOnce() throws Exception {
    workTogether(new LineProgress(new PrintWriter(text), () -> now));
    List<String> lines = text.toString().lines().toList();
    assertThat(lines).hasSize(2 + 5);
    assertThat(lines.get(1)).isEqualTo("shadows: 2 models at once");
    assertThat(lines.get(6))
        .isEqualTo(
            "shadows, 0 of 4 done: models 0 (epoch 5/10), 1 (epoch 4/10), 64.8 models an hour,"
                + " 2:52 left in all");
  }

  @Test
  void eventsTellOfEachOfSeveralModels() throws Exception {
    Path file = folder.resolve("progress.jsonl");
    workTogether(new JsonLinesProgress(file, () -> now));
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      events.add(new ObjectMapper().readTree(line));
    }
    assertThat(events.get(1).get("event").asText()).isEqualTo("note");
    assertThat(events.get(1).get("at_once").asInt()).isEqualTo(2);
    JsonNode last = events.get(events.size() - 2);
    assertThat(last.get("model").asInt()).isEqualTo(1);
    assertThat(last.get("fraction").asDouble()).isEqualTo(0.5);
    assertThat(last.get("step_fraction").asDouble()).isEqualTo(0.25);
    assertThat(last.get("models_per_hour").asDouble()).isEqualTo(72);
    assertThat(last.get("at_once").asInt()).isEqualTo(2);
    assertThat(events.stream().filter(e -> e.get("event").asText().equals("update")))
        .extracting(e -> e.get("model").asInt())
        .containsExactly(0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
  }

  @Test
  void linesComeNowAndThenOnly() {
    LineProgress progress = new LineProgress(new PrintWriter(text), () -> now);
    progress.begin("score", 1, 0);
    progress.model(0);
    for (int i = 1; i <= 1000; i++) {
      now += SECOND / 50;
      progress.update(i / 1000.0, Map.of());
    }
    assertThat(text.toString().lines()).as("20 seconds' work").hasSize(3);
  }

  @Test
  void ratesAndMemoryReadAsWords() {
    assertThat(
            Pace.words(
                figures(
                    "loss", 0.5, "images_per_second", 5210.4, "device", "cuda:1",
                    "memory_used_bytes", 3_140_000_000L, "memory_total_bytes", 80_000_000_000L)))
        .isEqualTo(
            "loss 0.500, images per second 5210, device cuda:1, memory used 3.1 GB, memory total"
                + " 80.0 GB");
  }

  @Test
  void timesReadAsClocks() {
    assertThat(Pace.clock(0)).isEqualTo("0:00");
    assertThat(Pace.clock(59.6)).isEqualTo("1:00");
    assertThat(Pace.clock(3725)).isEqualTo("1:02:05");
    assertThat(Pace.clock(Double.NaN)).isEqualTo("?");
  }

  @Test
  void eventsAreLinesOfJson() throws IOException {
    Path file = folder.resolve("progress.jsonl");
    work(new JsonLinesProgress(file, () -> now));
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      events.add(new ObjectMapper().readTree(line));
    }
    assertThat(events).extracting(event -> event.get("step").asText()).containsOnly("shadows");
    assertThat(events.get(0).get("event").asText()).isEqualTo("begin");
    assertThat(events.get(1).get("event").asText()).isEqualTo("model");
    JsonNode update = events.get(4);
    assertThat(update.get("model").asInt()).isEqualTo(3);
    assertThat(update.get("epoch").asText()).isEqualTo("3/10");
    assertThat(update.get("loss").asDouble()).isEqualTo(1.23456);
    assertThat(update.get("step_seconds_left").asDouble()).isBetween(169.9, 170.1);
    assertThat(events.get(events.size() - 1).get("event").asText()).isEqualTo("finish");
  }

  @Test
  void linesAreWrittenWhereNobodyWatches() {
    Progress lines = new Terminal(new PrintWriter(text), new PrintWriter(text), false, () -> {})
        .progress(null);
    lines.begin("shadows", 1, 0);
    assertThat(text.toString()).contains("shadows: 1 models to do");
  }

  @Test
  void theUserCanStopBetweenBatches() {
    StopSignal stop = new StopSignal();
    Terminal terminal =
        new Terminal(new PrintWriter(text), new PrintWriter(text), false, stop::check);
    Progress progress = terminal.progress(null);
    progress.begin("shadows", 1, 0);
    progress.model(0);
    progress.update(0.1, Map.of());
    stop.workIsDone();
    stop.requestAndWait();
    assertThatThrownBy(() -> progress.update(0.2, Map.of()))
        .isInstanceOf(StoppedException.class)
        .hasMessageContaining("continues");
  }
}
