package io.sagitta.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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
 * <p>With {@code --keep} the processes do all workloads, else each workload has new ones. {@code
 * --record key=value} goes into the result as it is. The workload {@code layers:256} stands for
 * every {@link ConvolutionWork} of ResNet-18. An engine that cannot do a workload is left out of
 * it, and the result says why.
 */
public final class Compare {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OURS = "sagitta";

  /** An engine's process. */
  private static final class Engine implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    Engine(String name, String command) throws IOException {
      this.name = name;
      this.process =
          new ProcessBuilder("bash", "-c", "exec " + command)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      this.commands = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
      this.answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    JsonNode ask(String command) throws IOException {
      commands.write(command + "\n");
      commands.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new IOException(name + " ended at '" + command + "'; its message is above");
      }
      JsonNode answer = JSON.readTree(line);
      if (answer.has("error")) {
        throw new IOException(name + ": " + answer.get("error").asText());
      }
      return answer;
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  private int rounds = 7;
  private double seconds = 4;
  private boolean keep;
  private boolean failed;
  private final Map<String, String> records = new LinkedHashMap<>();
  private final Map<String, Engine> kept = new LinkedHashMap<>();
  private Path out = Path.of("compare.json");
  private final Map<String, String> commands = new LinkedHashMap<>();
  private final List<String> workloads = new ArrayList<>();

  private Compare(String[] args) {
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--rounds" -> rounds = Integer.parseInt(args[++i]);
        case "--seconds" -> seconds = Double.parseDouble(args[++i]);
        case "--keep" -> keep = true;
        case "--record" -> {
          String[] record = args[++i].split("=", 2);
          records.put(record[0], record[1]);
        }
        case "--out" -> out = Path.of(args[++i]);
        default -> {
          int equals = args[i].indexOf('=');
          if (equals > 0) {
            commands.put(args[i].substring(0, equals), args[i].substring(equals + 1));
          } else {
            addWorkloads(args[i]);
          }
        }
      }
    }
    if (!commands.containsKey(OURS)) {
      throw new IllegalArgumentException(
          "compare: expected sagitta='…' and any peer='…', got " + commands.keySet());
    }
    if (workloads.isEmpty()) {
      workloads.addAll(
          List.of("train:64", "forward:64", "hvp:64", "zo:64", "train-resnet8:32", "peak:64"));
    }
  }

  private void addWorkloads(String entry) {
    String[] parts = entry.split(":");
    if (parts[0].equals("layers")) {
      ConvolutionWork.resnet18().forEach(work -> workloads.add(work.id() + ":" + parts[1]));
    } else {
      workloads.add(entry);
    }
  }

  /** Runs the comparison. */
  public static void main(String[] args) throws IOException {
    new Compare(args).run();
  }

  private void run() throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.put("when", Instant.now().toString());
    records.forEach(result::put);
    result.put("rounds", rounds);
    result.put("seconds_per_turn", seconds);
    try {
      for (String entry : workloads) {
        String[] parts = entry.split(":");
        result.set(
            entry, parts[0].equals("peak") ? comparePeak(parts[1]) : compare(parts[0], parts[1]));
        Files.writeString(out, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
      }
    } finally {
      kept.values().forEach(Engine::close);
    }
    if (failed) {
      throw new IllegalStateException("compare: sagitta did not do every workload; see above");
    }
  }

  private ObjectNode compare(String workload, String batch) throws IOException {
    Map<String, Engine> engines = new LinkedHashMap<>();
    ObjectNode node = JSON.createObjectNode();
    try {
      for (String name : commands.keySet()) {
        prepare(name, workload + " " + batch, engines, node);
      }
      if (engines.containsKey(OURS)) {
        measure(workload, batch, engines, node);
      }
    } finally {
      if (!keep) {
        engines.values().forEach(Engine::close);
      }
    }
    return node;
  }

  /** Adds an engine that is ready for a workload; of another the result says why it is not. */
  private void prepare(String name, String work, Map<String, Engine> engines, ObjectNode node)
      throws IOException {
    Engine engine = engine(name);
    try {
      node.putObject(name).put("note", engine.ask("prepare " + work).get("note").asText());
      engines.put(name, engine);
    } catch (IOException e) {
      leaveOut(engine, work, node, e);
    }
  }

  private void leaveOut(Engine engine, String work, ObjectNode node, IOException reason) {
    node.putObject(engine.name).put("error", reason.getMessage());
    System.err.println(work + ": left out: " + reason.getMessage());
    failed |= engine.name.equals(OURS);
    if (!keep || !engine.process.isAlive()) {
      kept.remove(engine.name);
      engine.close();
    }
  }

  private void measure(
      String workload, String batch, Map<String, Engine> engines, ObjectNode node)
      throws IOException {
    Map<String, double[]> rates = new LinkedHashMap<>();
    engines.keySet().forEach(name -> rates.put(name, new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      for (Engine engine : List.copyOf(engines.values())) {
        try {
          rates.get(engine.name)[round] =
              engine.ask("run " + seconds).get("samples_per_s").asDouble();
        } catch (IOException e) {
          leaveOut(engine, workload + " " + batch, node, e);
          engines.remove(engine.name);
          rates.remove(engine.name);
        }
      }
    }
    if (rates.containsKey(OURS)) {
      summarize(workload, batch, rates, node);
    }
  }

  private Engine engine(String name) throws IOException {
    Engine engine = kept.get(name);
    if (engine == null) {
      engine = new Engine(name, commands.get(name));
      if (keep) {
        kept.put(name, engine);
      }
    }
    return engine;
  }

  private void summarize(
      String workload, String batch, Map<String, double[]> rates, ObjectNode node) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-14s", workload));
    line.append(" batch ").append(batch);
    double[] fastestPeer = new double[rounds];
    rates.forEach(
        (name, values) -> {
          ObjectNode engine = (ObjectNode) node.get(name);
          engine.put("median_samples_per_s", median(values));
          engine.put("best_samples_per_s", Arrays.stream(values).max().orElse(0));
          if (ConvolutionWork.names(workload)) {
            double flop = ConvolutionWork.of(workload).flopPerSample();
            engine.put("median_tflop_per_s", median(values) * flop / 1e12);
          }
          if (!name.equals(OURS)) {
            node.put("ratio_to_" + name, median(ratios(rates.get(OURS), values)));
            Arrays.setAll(fastestPeer, round -> Math.max(fastestPeer[round], values[round]));
          }
          line.append(String.format(Locale.ROOT, "  %s %.1f/s", name, median(values)));
        });
    if (rates.size() > 1) {
      double[] ratios = ratios(rates.get(OURS), fastestPeer);
      node.put("ratio_to_fastest_peer", median(ratios));
      node.put("ratio_least", Arrays.stream(ratios).min().orElse(0));
      node.put("ratio_greatest", Arrays.stream(ratios).max().orElse(0));
      line.append(String.format(Locale.ROOT, "  ratio %.2f", median(ratios)));
    }
    System.out.println(line);
  }

  private static double[] ratios(double[] ours, double[] theirs) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, round -> ours[round] / theirs[round]);
    return ratios;
  }

  private ObjectNode comparePeak(String batch) throws IOException {
    ObjectNode node = JSON.createObjectNode();
    StringBuilder line = new StringBuilder("peak memory of a training step, batch " + batch);
    for (Map.Entry<String, String> command : commands.entrySet()) {
      try (Engine engine = new Engine(command.getKey(), command.getValue())) {
        long bytes = engine.ask("peak " + batch).get("peak_bytes").asLong();
        node.put(engine.name + "_bytes", bytes);
        line.append(String.format(Locale.ROOT, "  %s %.0f MB", engine.name, bytes / 1e6));
      }
    }
    System.out.println(line);
    return node;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
