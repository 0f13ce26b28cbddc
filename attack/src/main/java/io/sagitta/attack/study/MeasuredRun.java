package io.sagitta.attack.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.run.Run;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.privacy.Privacy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What attacks attained against models that were trained with some privacy.
 *
 * @param epsilon that the training kept; infinite without privacy
 * @param delta of it, where it is known; else 0
 * @param source where it was read
 * @param attacks AUROC over targets by the attack's name
 */
public record MeasuredRun(
    double epsilon, double delta, String source, Map<String, Spread> attacks) {
  private static final double INFINITE = Double.POSITIVE_INFINITY;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODE = "corrected";

  /**
   * Reads {@code attack.json}.
   *
   * @param point such as {@code 4:runs/dp-4} or {@code inf:runs/c100}; a run folder or the file
   *     itself
   * @throws IllegalArgumentException if it is not of this form
   * @throws BadFileException if there is no such file, or no figures of corrected attacks in it
   */
  public static MeasuredRun read(String point) {
    int colon = point.indexOf(':');
    double epsilon = colon < 1 ? Double.NaN : number(point.substring(0, colon));
    if (!(epsilon >= 0) || colon == point.length() - 1) {
      throw new IllegalArgumentException(
          "--point: expected EPS:RUN with an epsilon of at least 0 or inf, got '" + point + "'");
    }
    Path path = Path.of(point.substring(colon + 1));
    Path file = Files.isDirectory(path) ? path.resolve("attack.json") : path;
    return new MeasuredRun(epsilon, 0, path.toString(), attacks(file));
  }

  /**
   * Reads the attacks on a run, and the privacy that its targets' files record.
   *
   * @throws BadFileException if the run was not attacked, or has neither weights nor scores of its
   *     targets
   */
  public static MeasuredRun of(Run run) {
    double epsilon = 0;
    double delta = 0;
    for (int target : run.config().targetModels()) {
      Path file = run.hasWeights(target) ? run.weights(target) : run.scores(target);
      Map<String, String> recorded = Privacy.recorded(Safetensors.read(file).metadata());
      epsilon = Math.max(epsilon, number(recorded, Privacy.EPSILON_KEY, INFINITE));
      delta = Math.max(delta, number(recorded, Privacy.DELTA_KEY, 0));
    }
    return new MeasuredRun(
        epsilon, delta, run.folder().toString(), attacks(run.folder().resolve("attack.json")));
  }

  private static double number(Map<String, String> recorded, String key, double absent) {
    String text = recorded.get(key);
    return text == null ? absent : Double.parseDouble(text);
  }

  /**
   * An ε in words, {@code inf} for none.
   *
   * @throws IllegalArgumentException if it is no number above 0
   */
  public static double epsilon(String text) {
    double epsilon = number(text);
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException(
          "--epsilons: expected numbers above 0, or inf, got '" + text + "'");
    }
    return epsilon;
  }

  private static double number(String text) {
    try {
      return text.equals("inf") ? INFINITE : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static Map<String, Spread> attacks(Path file) {
    JsonNode summaries;
    try {
      summaries = JSON.readTree(Files.readAllBytes(file)).path("summary");
    } catch (IOException e) {
      throw new BadFileException(
          file, "expected the figures that 'sagitta attack' leaves, found " + e, e);
    }
    Map<String, Spread> attacks = new LinkedHashMap<>();
    for (JsonNode summary : summaries) {
      JsonNode auroc = summary.path("auroc");
      if (summary.path("mode").asText().equals(MODE) && auroc.path("mean").isNumber()) {
        attacks.put(
            summary.path("attack").asText(),
            new Spread(
                auroc.get("mean").asDouble(), auroc.path("std").asDouble(Double.NaN)));
      }
    }
    if (attacks.isEmpty()) {
      throw new BadFileException(file, "expected a summary of corrected attacks, found none");
    }
    return attacks;
  }
}
