package io.sagitta.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
        --models A:W,…     architecture and width (default: resnet8:16)
        --classes N,…      (default: 10)
        --batches N,…      samples, and rows at a time (default: 64)
        --probes N,…       n of each estimator (default: 10)
        --precisions P,…   auto, fp32, tf32, bf16, plain-fp32 (default: auto)
        --device D         (default: host)
        --seconds S        to measure each row for at least (default: 3)
        --peak-side N      rows of the square matrices whose product's rate is the peak (default: 2048)
        --error-samples N  samples whose error against float64 is measured, 0 for none (default: 4)
        --out FILE         receives the rows as JSON (default: estimators.json)

        bench/estimators --estimators zo --precisions bf16,fp32,plain-fp32 --probes 1,10
      """;

  private static final String HEAD =
      "| estimator | model | classes | batch | n | evaluation | samples/s | GFLOP/s | share of peak"
          + " | GB/s | working MB | error |\n|---|---|---|---|---|---|---|---|---|---|---|---|";

  private final Map<String, String> options = new LinkedHashMap<>();

  private EstimatorTable(String[] args) {
    options.put("--estimators", "forward,zo,hutchinson,exact");
    options.put("--models", "resnet8:16");
    options.put("--classes", "10");
    options.put("--batches", "64");
    options.put("--probes", "10");
    options.put("--precisions", "auto");
    options.put("--device", "host");
    options.put("--seconds", "3");
    options.put("--peak-side", "2048");
    options.put("--error-samples", "4");
    options.put("--out", "estimators.json");
    for (int i = 0; i < args.length; i += 2) {
      if (!options.containsKey(args[i]) || i + 1 == args.length) {
        throw new IllegalArgumentException(
            "estimators: expected one of " + options.keySet() + " and its value, got " + args[i]);
      }
      options.put(args[i], args[i + 1]);
    }
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0 && args[0].equals("--help")) {
      System.out.print(HELP);
      return;
    }
    try {
      new EstimatorTable(args).run();
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  private void run() throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode result = json.createObjectNode();
    result.put("when", Instant.now().toString());
    options.forEach((key, value) -> result.put(key.substring(2), value));
    ArrayNode rows = result.putArray("rows");
    System.out.println(HEAD);
    for (EstimatorWork.Spec spec : specs()) {
      rows.add(measure(spec, json.createObjectNode()));
      Files.writeString(
          Path.of(options.get("--out")),
          json.writerWithDefaultPrettyPrinter().writeValueAsString(result));
    }
  }

  private List<EstimatorWork.Spec> specs() {
    List<EstimatorWork.Spec> specs = new ArrayList<>();
    for (String model : list("--models")) {
      String[] parts = model.split(":");
      int width = parts.length == 1 ? 0 : Integer.parseInt(parts[1]);
      for (String classes : list("--classes")) {
        for (String batch : list("--batches")) {
          for (String estimator : list("--estimators")) {
            for (String precision : list("--precisions")) {
              for (String probes : list("--probes")) {
                specs.add(
                    new EstimatorWork.Spec(
                        estimator, parts[0], width, Integer.parseInt(classes),
                        Integer.parseInt(batch), Integer.parseInt(probes), precision,
                        options.get("--device")));
              }
            }
          }
        }
      }
    }
    return specs;
  }

  private String[] list(String option) {
    return options.get(option).split(",");
  }

  private ObjectNode measure(EstimatorWork.Spec spec, ObjectNode row) {
    double seconds = Double.parseDouble(options.get("--seconds"));
    try (EstimatorWork work = new EstimatorWork(spec)) {
      Traffic traffic = work.traffic();
      double steps = Clock.rate(work::step, () -> {}, seconds);
      double peak = work.peak(Integer.parseInt(options.get("--peak-side")), Math.min(1, seconds));
      double error = work.error(Integer.parseInt(options.get("--error-samples")));
      long bytes = work.workingBytes();
      row.put("estimator", spec.estimator());
      row.put("model", spec.architecture() + ":" + spec.width());
      row.put("classes", spec.classes());
      row.put("batch", spec.batch());
      row.put("probes", spec.probes());
      row.put("evaluation", work.note());
      row.put("samples_per_s", steps * spec.batch());
      row.put("flop_per_s", steps * traffic.flop());
      row.put("share_of_peak", steps * traffic.flop() / peak);
      row.put("bytes_per_s", steps * traffic.bytes());
      row.put("working_bytes", bytes);
      row.put("median_error", error);
      System.out.printf(
          Locale.ROOT,
          "| %s | %s:%d | %d | %d | %d | %s | %.1f | %.0f | %.2f | %.1f | %.0f | %s |%n",
          spec.estimator(), spec.architecture(), spec.width(), spec.classes(), spec.batch(),
          spec.probes(), work.note(), steps * spec.batch(), steps * traffic.flop() / 1e9,
          steps * traffic.flop() / peak, steps * traffic.bytes() / 1e9, bytes / 1e6,
          Double.isNaN(error) ? "–" : String.format(Locale.ROOT, "%.1e", error));
    }
    return row;
  }
}
