package io.sagitta.attack.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.score.StudyOutcome;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.nn.io.AtomicFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a study of ways to score found.
 *
 * @param setup what was studied, in words
 * @param samples how many scores stand behind each row
 * @param rows what the others are measured by first
 */
public record StudyReport(Kind kind, Map<String, String> setup, int samples, List<Row> rows) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Which study, and what its page says. */
  public enum Kind {
    /** Ways to evaluate the zero-order score. */
    PRECISION(
        "precision",
        "Precision of the zero-order score",
        "The same stencil of losses, along the same directions, at %s images, in every way that this"
            + " device can evaluate it. Float64 is what the others are measured by.",
        "Errors of the score are relative to float64; log corr. is the correlation of logarithms.",
        List.of(
            "plain: the losses at the stencil's points, each computed in that precision, are"
                + " subtracted, as they must be where the model is a black box. What they have in"
                + " common cancels; their rounding stays.",
            "streams: one pass at the image in float32, and beside it the odd and even differences"
                + " of every activation, computed in that precision. Nothing cancels.",
            "Float64 runs on the processor beside the device.")),
    /** Estimators, with few trials and with many. */
    ESTIMATORS(
        "estimators",
        "Estimators of curvature",
        "Every estimator at %s images, with few trials and with many, against the trace or the"
            + " Frobenius norm of the exact input Hessian.",
        "Errors are relative to the exact trace, of zo and gradient-norm to the exact Frobenius norm"
            + " after one common factor; log corr. is the correlation of logarithms.",
        List.of(
            "exact, hutchinson, hutch++ and zo-trace estimate the trace of the input Hessian;"
                + " hutchinson and zo-trace average over random directions, hutch++ takes the"
                + " greatest eigenvalues exactly.",
            "zo, the published score, and gradient-norm are proportional to its Frobenius norm: one"
                + " factor, the same for all images, is taken out.",
            "The exact Hessian is that of the piece of the network, linear but for the softmax, that"
                + " the image lies in. Stencils and gradient differences reach over the bends"
                + " between pieces, the further the greater h is; as h shrinks they approach it.",
            "The exact spectrum in float64 is what all are measured by; it was found on the"
                + " processor."));

    private final String stem;
    private final String title;
    private final String lead;
    private final String measure;
    private final List<String> notes;

    Kind(String stem, String title, String lead, String measure, List<String> notes) {
      this.stem = stem;
      this.title = title;
      this.lead = lead;
      this.measure = measure;
      this.notes = notes;
    }

    /** What its files are called, without extension. */
    public String stem() {
      return stem;
    }

    /** What its errors mean. */
    public String measure() {
      return measure;
    }
  }

  /**
   * One way to evaluate.
   *
   * @param series what it is a part of
   * @param errors null for what the others are measured by
   */
  public record Row(String name, String series, ScoreErrors errors, double samplesPerSecond) {}

  /** Compares each with what it should be. */
  public static StudyReport of(
      Kind kind, Map<String, String> setup, List<StudyOutcome> outcomes) {
    List<Row> rows =
        outcomes.stream()
            .map(
                outcome ->
                    new Row(
                        outcome.name(), outcome.series(),
                        outcome.exact() == null
                            ? null
                            : ScoreErrors.of(outcome.scores(), outcome.exact()),
                        outcome.scores().length / outcome.seconds()))
            .toList();
    return new StudyReport(kind, setup, outcomes.get(0).scores().length, rows);
  }

  /**
   * Writes, under the study's name, JSON, CSV, SVG and HTML, which contains the picture.
   *
   * @param folder which is there
   * @throws java.io.UncheckedIOException naming the file that could not be written
   */
  public void write(Path folder) {
    Plot plot = StudyChart.of(this);
    AtomicFiles.writeText(folder.resolve(kind.stem + ".json"), json());
    AtomicFiles.writeText(folder.resolve(kind.stem + ".csv"), csv());
    AtomicFiles.writeText(folder.resolve(kind.stem + ".svg"), plot.svg());
    AtomicFiles.writeText(folder.resolve(kind.stem + ".html"), html(plot));
  }

  private String json() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("title", kind.title);
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

  /** A row an evaluation; the errors of what the others are measured by are empty. */
  private String csv() {
    StringBuilder csv =
        new StringBuilder(
            "evaluation,median_relative_error,norm_relative_error,log_correlation,"
                + "samples_per_second\n");
    for (Row row : rows) {
      ScoreErrors errors = row.errors();
      csv.append(row.name().replace(",", "")).append(',');
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
    page.put("title", kind.title);
    page.put("lead", String.format(Locale.ROOT, kind.lead, Text.count(samples)));
    page.put("notes", kind.notes.stream().map(note -> Map.of("note", note)).toList());
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
    return Page.of("study.html", page);
  }
}
