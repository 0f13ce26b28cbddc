package io.sagitta.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.report.Axis;
import io.sagitta.attack.report.LineChart;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.kernels.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Measures estimators of curvature: every estimator × model × number of classes × batch × probes ×
 * precision that is asked for, on one device. A row of the table gives samples a second, arithmetic,
 * the share of the rate of a large fp32 matrix product, bytes that operations are given, working
 * memory, and the error against float64.
 *
 * <pre>bench/estimators --estimators zo,exact --models resnet8:16,resnet18:64 --probes 1,10</pre>
 */
public final class EstimatorTable {
  private static final String HELP =
      """
      Measures estimators of curvature on random images and weights.

        --estimators A,B   zo, zo-trace, hutchinson, hutch++, gradient-norm, exact, forward
                           (default: forward,zo,hutchinson,exact)
        --models A:W,…     architecture and width: resnet8, 20, 32, 56 of 16, resnet18, 34, 50 of 64
                           (default: resnet8:16)
        --classes N,…      (default: 10)
        --batches N,…      samples, and rows at a time (default: 64)
        --probes N,…       n of each estimator (default: 10)
        --precisions P,…   auto, fp32, tf32, bf16, plain-fp32 (default: auto); derivatives have
                           fp32 alone, and are left out in any other
        --device D         host, cuda, cuda:1 (default: host)
        --seconds S        to measure each row for at least (default: 3)
        --peak-side N      rows of the square matrices whose product's rate is the peak (default: 2048)
        --error-samples N  samples whose error against float64 is measured, 0 for none (default: 4)
        --out FILE         receives the rows as JSON (default: estimators.json)
        --picture FILE     receives error against samples/s as SVG; along a line, n grows

        bench/estimators --estimators zo --precisions bf16,fp32,plain-fp32 --probes 1,10
      """;

  private static final String HEAD =
      "| estimator | model | classes | batch | n | evaluation | samples/s | GFLOP/s | share of peak"
          + " | GB/s | working MB | error |\n|---|---|---|---|---|---|---|---|---|---|---|---|";

  /** Errors below this, zero among them, stand at it in the picture. */
  private static final double LEAST_ERROR = 1e-9;

  private final Options options;

  private EstimatorTable(String[] args) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("--estimators", "forward,zo,hutchinson,exact");
    defaults.put("--models", "resnet8:16");
    defaults.put("--classes", "10");
    defaults.put("--batches", "64");
    defaults.put("--probes", "10");
    defaults.put("--precisions", "auto");
    defaults.put("--device", "host");
    defaults.put("--seconds", "3");
    defaults.put("--peak-side", "2048");
    defaults.put("--error-samples", "4");
    defaults.put("--out", "estimators.json");
    defaults.put("--picture", "");
    options = new Options("estimators", defaults);
    options.read(args);
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    Options.main(args, HELP, () -> new EstimatorTable(args).run());
  }

  private void run() throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode result = json.createObjectNode();
    result.put("when", Instant.now().toString());
    options.record(result);
    ArrayNode rows = result.putArray("rows");
    List<Point> points = new ArrayList<>();
    // Before the table, since what a device cannot do is left out of it.
    Devices.select(options.text("--device"));
    Set<EstimatorWork.Spec> specs = specs();
    System.out.println(HEAD);
    for (EstimatorWork.Spec spec : specs) {
      try {
        rows.add(measure(spec, json.createObjectNode(), points));
      } catch (IllegalArgumentException e) {
        rows.addObject().put("spec", spec.toString()).put("left_out", e.getMessage());
        System.err.println(spec + ": left out: " + e.getMessage());
      }
      Files.writeString(
          Path.of(options.text("--out")),
          json.writerWithDefaultPrettyPrinter().writeValueAsString(result));
    }
    if (!options.text("--picture").isEmpty()) {
      Files.writeString(Path.of(options.text("--picture")), picture(points));
    }
  }

  /** All combinations, those that come to the same once. */
  private Set<EstimatorWork.Spec> specs() {
    Set<EstimatorWork.Spec> specs = new LinkedHashSet<>();
    for (String model : options.list("--models")) {
      String[] parts = model.split(":");
      int width = parts.length == 1 ? 0 : Options.number("--models", parts[1]);
      for (String classes : options.list("--classes")) {
        for (String batch : options.list("--batches")) {
          for (String estimator : options.list("--estimators")) {
            for (String precision : options.list("--precisions")) {
              for (String probes : options.list("--probes")) {
                specs.add(
                    new EstimatorWork.Spec(
                        estimator, parts[0], width, Options.number("--classes", classes),
                        Options.number("--batches", batch), Options.number("--probes", probes),
                        precision,
                        options.text("--device")));
              }
            }
          }
        }
      }
    }
    return specs;
  }

  /** A row of the table in the picture. */
  private record Point(String series, double samplesPerSecond, double error) {}

  private static String picture(List<Point> points) {
    LineChart chart =
        new LineChart(
            Axis.log("Samples a second"), Axis.log("Median relative error").notBelow(LEAST_ERROR));
    points.stream()
        .collect(Collectors.groupingBy(Point::series, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (series, along) ->
                chart.line(
                    series,
                    along.stream().mapToDouble(Point::samplesPerSecond).toArray(),
                    along.stream().mapToDouble(Point::error).toArray()));
    return chart.plot("estimators", "Error against speed", "").svg();
  }

  private ObjectNode measure(
      EstimatorWork.Spec spec, ObjectNode row, List<Point> points) {
    double seconds = options.real("--seconds");
    try (EstimatorWork work = new EstimatorWork(spec)) {
      Traffic traffic = work.traffic();
      double steps = Clock.rate(work::step, () -> {}, seconds);
      double peak = work.peak(options.number("--peak-side"), Math.min(1, seconds));
      ScoreErrors errors = work.errors(options.number("--error-samples"));
      long bytes = work.workingBytes();
      String model = spec.architecture() + ":" + work.width();
      row.put("estimator", spec.estimator());
      row.put("model", model);
      row.put("classes", spec.classes());
      row.put("batch", spec.batch());
      row.put("probes", spec.probes());
      row.put("evaluation", work.note());
      row.put("samples_per_s", steps * spec.batch());
      row.put("flop_per_s", steps * traffic.flop());
      row.put("share_of_peak", steps * traffic.flop() / peak);
      row.put("bytes_per_s", steps * traffic.bytes());
      row.put("working_bytes", bytes);
      if (errors != null) {
        row.put("median_error", errors.median());
      }
      String series = spec.estimator() + ", " + work.note() + ", " + model;
      if (errors != null) {
        points.add(new Point(series, steps * spec.batch(), errors.median()));
      }
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %d | %d | %d | %s | %.1f | %.0f | %.2f | %.1f | %.0f | %s |%n",
          spec.estimator(), model, spec.classes(), spec.batch(), spec.probes(), work.note(),
          steps * spec.batch(), steps * traffic.flop() / 1e9, steps * traffic.flop() / peak,
          steps * traffic.bytes() / 1e9, bytes / 1e6,
          errors == null ? "–" : String.format(Locale.ROOT, "%.1e", errors.median()));
    }
    return row;
  }
}
