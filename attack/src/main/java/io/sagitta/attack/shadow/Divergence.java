package io.sagitta.attack.shadow;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.Run;
import io.sagitta.nn.io.AtomicFiles;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The record of a model whose training diverged: its loss was no finite number, in training or,
 * with the weights that training ended with, in scoring. The same configuration would diverge
 * again, so the model is not tried again and later steps leave it out.
 *
 * @param configurationHash of the run
 * @param epoch counts from 1
 * @param step of the epoch, counts from 1; 0 in scoring
 * @param loss NaN or infinite, as text, since JSON has no such number
 */
public record Divergence(
    @JsonProperty(Run.HASH_KEY) String configurationHash,
    int model,
    int epoch,
    int step,
    String loss,
    String message) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Divergence of(Run run, int model, DivergedException e) {
    return new Divergence(
        run.record().configurationHash(), model, e.epoch() + 1, e.step() + 1,
        Double.toString(e.loss()), e.getMessage());
  }

  /** Records a trained model for which scoring gives no finite numbers. */
  public static void recordInScoring(Run run, int model, String message) {
    new Divergence(
            run.record().configurationHash(), model, run.config().epochs(), 0, "NaN", message)
        .write(run.diverged(model));
  }

  /** Forgets those in scoring: by other estimators the models may have finite scores. */
  public static void forgetScoring(Run run) {
    for (Divergence divergence : all(run)) {
      if (divergence.step == 0) {
        try {
          Files.delete(run.diverged(divergence.model));
        } catch (IOException e) {
          throw new UncheckedIOException(
              run.diverged(divergence.model) + ": cannot be deleted: " + e, e);
        }
      }
    }
  }

  /** The records of a run, by model. */
  public static List<Divergence> all(Run run) {
    List<Divergence> found = new ArrayList<>();
    for (int model = 0; model < run.config().models(); model++) {
      if (isRecorded(run, model)) {
        found.add(read(run.diverged(model)));
      }
    }
    return found;
  }

  /** Whether there is a record of a model, and this run's. */
  public static boolean isRecorded(Run run, int model) {
    Path file = run.diverged(model);
    if (!Files.exists(file)) {
      return false;
    }
    String hash = String.valueOf(read(file).configurationHash);
    run.requireOwn(file, Map.of(Run.HASH_KEY, hash));
    return true;
  }

  private static Divergence read(Path file) {
    try {
      return JSON.readValue(Files.readAllBytes(file), Divergence.class);
    } catch (IOException e) {
      throw new BadFileException(
          file, "expected a record of divergence, found something else: " + e.getMessage(), e);
    }
  }

  void write(Path file) {
    try {
      AtomicFiles.writeText(file, JSON.writeValueAsString(this) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and text have a JSON form", e);
    }
  }
}
