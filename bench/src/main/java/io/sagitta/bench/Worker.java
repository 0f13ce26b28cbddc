package io.sagitta.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The side of {@link Compare} that does the work: a process that reads a command a line and answers
 * with a line of JSON. {@code prepare WORKLOAD BATCH} builds and warms up, {@code run SECONDS}
 * repeats the work for about that long, {@code peak BATCH} measures the memory of a training step.
 */
public final class Worker {
  private static final double TRIAL_SECONDS = 1;
  private static final double WARM_UP_SECONDS = 8;

  private final Engine engine;
  private Workload workload;
  private int batch;

  private Worker(Engine engine) {
    this.engine = engine;
  }

  /**
   * Answers commands until the input ends.
   *
   * @param args the engine's name
   */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Worker worker = new Worker(Engine.find(args[0]));
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(worker.answer(line.split(" ")));
      answers.flush();
    }
  }

  private String answer(String[] words) throws IOException {
    switch (words[0]) {
      case "prepare":
        return prepare(Workload.Kind.of(words[1]), Integer.parseInt(words[2]));
      case "run":
        return String.format(
            Locale.ROOT, "{\"samples_per_s\": %.4f}", rate(Double.parseDouble(words[1])));
      case "peak":
        return peak(Integer.parseInt(words[1]));
      default:
        return "{\"error\": \"unknown command " + words[0] + "\"}";
    }
  }

  private String prepare(Workload.Kind kind, int size) {
    batch = size;
    Supplier<Workload> best = null;
    double bestRate = 0;
    List<Supplier<Workload>> variants = engine.variants(kind, size);
    for (Supplier<Workload> variant : variants) {
      use(variant);
      workload.step();
      double measured = variants.size() == 1 ? 1 : rate(TRIAL_SECONDS);
      if (measured > bestRate) {
        bestRate = measured;
        best = variant;
      }
    }
    use(best);
    rate(WARM_UP_SECONDS);
    return String.format(
        "{\"ready\": \"%s\", \"note\": \"%s%s\"}", kind.id(), engine.description(),
        workload.note());
  }

  private void use(Supplier<Workload> variant) {
    if (workload != null) {
      workload.close();
    }
    workload = variant.get();
  }

  private double rate(double seconds) {
    long start = System.nanoTime();
    int steps = 0;
    while (steps == 0 || System.nanoTime() - start < seconds * 1e9) {
      workload.step();
      steps++;
    }
    return steps * (double) batch / ((System.nanoTime() - start) / 1e9);
  }

  /** How far resident memory grows while a fresh process' first two training steps run. */
  private String peak(int size) throws IOException {
    use(engine.variants(Workload.Kind.TRAIN, size).get(0));
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    long before = statusBytes("VmRSS:");
    workload.step();
    workload.step();
    return "{\"peak_bytes\": " + (statusBytes("VmHWM:") - before) + "}";
  }

  private static long statusBytes(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    throw new IOException("/proc/self/status has no " + key);
  }
}
