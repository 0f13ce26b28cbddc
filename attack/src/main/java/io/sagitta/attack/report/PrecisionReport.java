package io.sagitta.attack.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.score.PrecisionStudy.Outcome;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.nn.io.AtomicFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a study of precision found.
 *
 * @param setup what was studied, in words
 * @param samples how many scores stand behind each row
 * @param rows float64 first
 */
public record PrecisionReport(Map<String, String> setup, int samples, List<Row> rows) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String TITLE = "Precision of the zero-order score";

  /**
   * One way to evaluate.
   *
   * @param errors against float64; null for float64 itself
   */
  public record Row(String name, ScoreErrors errors, double samplesPerSecond) {}

  /**
   * Compares.
   *
   * @param outcomes what the others are compared with first
   */
  public static PrecisionReport of(Map<String, String> setup, List<Outcome> outcomes) {
    double[] exact = outcomes.get(0).scores();
    List<Row> rows =
        outcomes.stream()
            .map(
                outcome ->
                    new Row(
                        outcome.name(),
                        outcome == outcomes.get(0)
                            ? null
                            : ScoreErrors.of(outcome.scores(), exact),
                        outcome.scores().length / outcome.seconds()))
            .toList();
    return new PrecisionReport(setup, exact.length, rows);
  }

  /**
   * Writes {@code precision.json}, {@code precision.csv}, {@code precision.svg} and {@code
   * precision.html}, which contains the picture.
   *
   * @param folder which is there
   * @throws java.io.UncheckedIOException naming the file that could not be written
   */
  public void write(Path folder) {
    Plot plot = PrecisionChart.of(this);
    AtomicFiles.writeText(folder.resolve("precision.json"), json());
    AtomicFiles.writeText(folder.resolve("precision.csv"), csv());
    AtomicFiles.writeText(folder.resolve("precision.svg"), plot.svg());
    AtomicFiles.writeText(folder.resolve("precision.html"), html(plot));
  }

  private String json() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("title", TITLE);
    root.set("setup", MAPPER.valueToTree(setup));
    root.put("samples", samples);
    ArrayNode array = root.putArray("rows");
    for (Row row : rows) {
      ObjectNode node = array.addObject();
      node.put("evaluation", row.name());
      if (row.errors() != null) {
        put(node, "median_relative_error", row.errors().median());
        put(node, "norm_relative_error", row.errors().norm());
        put(node, "log_correlation", row.errors().logCorrelation());
      }
      put(node, "samples_per_second", row.samplesPerSecond());
    }
    try {
      return MAPPER.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and text can be written", e);
    }
  }

  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  /** A row an evaluation; float64's errors are empty. */
  private String csv() {
    StringBuilder csv =
        new StringBuilder(
            "evaluation,median_relative_error,norm_relative_error,log_correlation,"
                + "samples_per_second\n");
    for (Row row : rows) {
      ScoreErrors errors = row.errors();
      csv.append(row.name()).append(',');
      csv.append(errors == null ? "" : errors.median()).append(',');
      csv.append(errors == null ? "" : errors.norm()).append(',');
      csv.append(errors == null ? "" : errors.logCorrelation()).append(',');
      csv.append(row.samplesPerSecond()).append('\n');
    }
    return csv.toString();
  }

  /** Five decimals: what matters is how far it is from 1. */
  private static String correlation(ScoreErrors errors) {
    double value = errors.logCorrelation();
    return Double.isNaN(value) ? Text.figure(value) : String.format(Locale.ROOT, "%.5f", value);
  }

  private String html(Plot plot) {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("title", TITLE);
    page.put("samples", Text.count(samples));
    page.put(
        "rows",
        rows.stream()
            .map(
                row -> {
                  ScoreErrors errors = row.errors();
                  return Map.of(
                      "name", row.name(),
                      "median", errors == null ? "" : Text.figure(errors.median()),
                      "norm", errors == null ? "" : Text.figure(errors.norm()),
                      "correlation", errors == null ? "" : correlation(errors),
                      "rate", Text.figure(row.samplesPerSecond()));
                })
            .toList());
    page.put("plot", Page.plot(plot));
    page.put("setup", Page.pairs(setup));
    return Page.of("precision.html", page);
  }
}
