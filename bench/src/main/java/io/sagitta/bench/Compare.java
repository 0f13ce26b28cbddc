package io.sagitta.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures engines beside each other. Each engine is a process of its own that waits while the
 * others work; the engines take turns, round after round, so that whatever else the machine does
 * hits all of them alike. Reported are the median rate of each and the median, over rounds, of
 * Sagitta's rate over the fastest peer's in the same round.
 *
 * <pre>java … io.sagitta.bench.Compare --rounds 7 --seconds 4 --out compare.json
 *     sagitta='java -cp … io.sagitta.bench.Worker sagitta' peer='…' [workload:batch …]</pre>
 *
 * <p>All do a workload on one {@link Problem}, and what they make of it is held to float64 first
 * ({@link Check}): a peer whose result is further off than is allowed is timed, but is no peer that
 * a ratio is to. The workload {@code layers:256} stands for every {@link ConvolutionWork} of
 * ResNet-18. An engine that cannot do a workload is left out of it, and the result says why.
 */
public final class Compare {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OURS = CompareOptions.OURS;

  private final CompareOptions options;
  private final Path folder;
  private final Map<String, EngineProcess> kept = new LinkedHashMap<>();
  private boolean failed;

  private Compare(CompareOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Runs the comparison. */
  public static void main(String[] args) throws IOException {
    if (Arrays.asList(args).contains("--help")) {
      System.out.print(CompareOptions.HELP);
      return;
    }
    CompareOptions options;
    try {
      options = new CompareOptions(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    Path folder = Files.createTempDirectory("sagitta-compare");
    try {
      new Compare(options, folder).run();
    } finally {
      Files.deleteIfExists(folder.resolve("problem.safetensors"));
      Files.delete(folder);
    }
  }

  private void run() throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.put("when", Instant.now().toString());
    options.records.forEach(result::put);
    result.put("rounds", options.rounds);
    result.put("seconds_per_turn", options.seconds);
    try {
      for (String entry : options.workloads) {
        String[] parts = entry.split(":");
        int batch = Integer.parseInt(parts[1]);
        boolean peak = parts[0].equals(CompareOptions.PEAK);
        result.set(entry, peak ? comparePeak(batch) : compare(parts[0], batch));
        Files.writeString(
            options.out, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
      }
    } finally {
      kept.values().forEach(EngineProcess::close);
    }
    if (failed) {
      throw new IllegalStateException("compare: sagitta did not do every workload; see above");
    }
  }

  private ObjectNode compare(String workload, int batch) throws IOException {
    Map<String, EngineProcess> engines = new LinkedHashMap<>();
    ObjectNode node = JSON.createObjectNode();
    Work work = work(workload, batch);
    try {
      for (String name : options.commands.keySet()) {
        prepare(name, work, engines, node);
      }
      if (engines.containsKey(OURS)) {
        measure(workload, batch, engines, node);
      }
    } finally {
      if (!options.keep) {
        engines.values().forEach(EngineProcess::close);
      }
    }
    return node;
  }

  /**
   * Work to be prepared.
   *
   * @param problem the file, empty for a convolution
   * @param kind null for a convolution
   * @param expected what it comes to
   */
  private record Work(String name, String problem, Workload.Kind kind, double[] expected) {}

  private Work work(String workload, int batch) {
    String name = workload + " " + batch;
    if (ConvolutionWork.names(workload)) {
      return new Work(name, "", null, new double[0]);
    }
    Workload.Kind kind = Workload.Kind.of(workload);
    Problem problem = Problem.of(kind, batch);
    return new Work(name, write(problem).toString(), kind, Check.expected(kind, problem));
  }

  private Path write(Problem problem) {
    Path file = folder.resolve("problem.safetensors");
    problem.write(file);
    return file;
  }

  /** Adds an engine that is ready for a workload; of another the result says why it is not. */
  private void prepare(
      String name, Work work, Map<String, EngineProcess> engines, ObjectNode node)
      throws IOException {
    EngineProcess engine = engine(name);
    try {
      JsonNode answer = engine.ask("prepare " + work.name() + " " + work.problem());
      ObjectNode of = node.putObject(name).put("note", answer.get("note").asText());
      if (work.kind() != null) {
        double[] result = JSON.convertValue(answer.get("result"), double[].class);
        double error = Check.error(result, work.expected());
        of.put("error", error);
        of.put("counts", error <= options.tolerance(work.kind()));
      }
      engines.put(name, engine);
    } catch (IOException e) {
      leaveOut(engine, work.name(), node, e);
    }
  }

  private void leaveOut(EngineProcess engine, String work, ObjectNode node, IOException reason) {
    node.putObject(engine.name()).put("left_out", reason.getMessage());
    System.err.println(work + ": left out: " + reason.getMessage());
    failed |= engine.name().equals(OURS);
    if (!options.keep || !engine.isAlive()) {
      kept.remove(engine.name());
      engine.close();
    }
  }

  private void measure(
      String workload, int batch, Map<String, EngineProcess> engines, ObjectNode node) {
    Map<String, double[]> rates = new LinkedHashMap<>();
    engines.keySet().forEach(name -> rates.put(name, new double[options.rounds]));
    for (int round = 0; round < options.rounds; round++) {
      for (EngineProcess engine : List.copyOf(engines.values())) {
        try {
          rates.get(engine.name())[round] =
              engine.ask("run " + options.seconds).get("samples_per_s").asDouble();
        } catch (IOException e) {
          leaveOut(engine, workload + " " + batch, node, e);
          engines.remove(engine.name());
          rates.remove(engine.name());
        }
      }
    }
    if (rates.containsKey(OURS)) {
      summarize(workload, batch, rates, node);
    }
  }

  private EngineProcess engine(String name) throws IOException {
    EngineProcess engine = kept.get(name);
    if (engine == null) {
      engine = new EngineProcess(name, options.commands.get(name));
      if (options.keep) {
        kept.put(name, engine);
      }
    }
    return engine;
  }

  private void summarize(
      String workload, int batch, Map<String, double[]> rates, ObjectNode node) {
    StringBuilder line =
        new StringBuilder(String.format(Locale.ROOT, "%-14s batch %d", workload, batch));
    rates.forEach(
        (name, values) -> {
          ObjectNode engine = (ObjectNode) node.get(name);
          engine.put("median_samples_per_s", median(values));
          engine.put("best_samples_per_s", Arrays.stream(values).max().orElse(0));
          if (ConvolutionWork.names(workload)) {
            double flop = ConvolutionWork.of(workload).flopPerSample();
            engine.put("median_tflop_per_s", median(values) * flop / 1e12);
          }
          line.append(String.format(Locale.ROOT, "  %s %.1f/s", name, median(values)))
              .append(said(engine));
        });
    failed |= !counts(node.get(OURS));
    line.append(rank(rates, node));
    System.out.println(line);
  }

  /** Adds Sagitta's rate over each peer's, and over the fastest that counts; says the last. */
  private String rank(Map<String, double[]> rates, ObjectNode node) {
    double[] fastest = new double[options.rounds];
    rates.forEach(
        (name, values) -> {
          if (!name.equals(OURS)) {
            node.put("ratio_to_" + name, median(ratios(rates.get(OURS), values)));
            if (counts(node.get(name))) {
              Arrays.setAll(fastest, round -> Math.max(fastest[round], values[round]));
            }
          }
        });
    if (Arrays.stream(fastest).allMatch(rate -> rate == 0)) {
      return "";
    }
    double[] ratios = ratios(rates.get(OURS), fastest);
    node.put("ratio_to_fastest_peer", median(ratios));
    node.put("ratio_least", Arrays.stream(ratios).min().orElse(0));
    node.put("ratio_greatest", Arrays.stream(ratios).max().orElse(0));
    return String.format(Locale.ROOT, "  ratio %.2f", median(ratios));
  }

  private static boolean counts(JsonNode engine) {
    return !engine.has("counts") || engine.get("counts").asBoolean();
  }

  private static String said(JsonNode engine) {
    return engine.has("error")
        ? String.format(
            Locale.ROOT, " (error %.1e%s)", engine.get("error").asDouble(),
            counts(engine) ? "" : ": does not count")
        : "";
  }

  private static double[] ratios(double[] ours, double[] theirs) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, round -> ours[round] / theirs[round]);
    return ratios;
  }

  private ObjectNode comparePeak(int batch) throws IOException {
    ObjectNode node = JSON.createObjectNode();
    Path problem = write(Problem.of(Workload.Kind.TRAIN, batch));
    StringBuilder line = new StringBuilder("peak memory of a training step, batch " + batch);
    for (Map.Entry<String, String> command : options.commands.entrySet()) {
      try (EngineProcess engine = new EngineProcess(command.getKey(), command.getValue())) {
        long bytes =
            engine.ask("peak " + Workload.Kind.TRAIN.id() + " " + problem)
                .get("peak_bytes").asLong();
        node.put(engine.name() + "_bytes", bytes);
        line.append(String.format(Locale.ROOT, "  %s %.0f MB", engine.name(), bytes / 1e6));
      }
    }
    System.out.println(line);
    return node;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
