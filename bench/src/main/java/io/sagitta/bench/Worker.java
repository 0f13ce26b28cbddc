package io.sagitta.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.kernels.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The side of {@link Compare} that does the work: a process that reads a command a line and answers
 * with a line of JSON. {@code prepare WORKLOAD BATCH} builds and warms up, {@code run SECONDS}
 * repeats the work for about that long, {@code peak BATCH} measures the memory of a training step.
 */
public final class Worker {
  private static final double TRIAL_SECONDS = 1;

  private final Engine engine;
  private final double warmUpSeconds;
  private Workload workload;
  private int batch;

  private Worker(Engine engine, double warmUpSeconds) {
    this.engine = engine;
    this.warmUpSeconds = warmUpSeconds;
  }

  /**
   * Answers commands until the input ends.
   *
   * @param args the engine's name, then {@code --device NAME} and {@code --precision NAME} of
   *     Sagitta, {@code --warm-up SECONDS} of each workload
   */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Worker worker = of(args);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(worker.answerOrError(line.split(" ")));
      answers.flush();
    }
  }

  private static Worker of(String[] args) {
    String device = "host";
    Precision precision = Precision.FP32;
    double warmUpSeconds = 8;
    for (int i = 1; i + 1 < args.length; i += 2) {
      switch (args[i]) {
        case "--device" -> device = args[i + 1];
        case "--precision" -> precision = Precision.of(args[i + 1]);
        case "--warm-up" -> warmUpSeconds = Double.parseDouble(args[i + 1]);
        default ->
            throw new IllegalArgumentException(
                "worker: expected --device, --precision or --warm-up, got " + args[i]);
      }
    }
    Engine engine =
        args[0].equals("sagitta") ? new SagittaEngine(device, precision) : Engine.find(args[0]);
    return new Worker(engine, warmUpSeconds);
  }

  /** A failure is an answer too, so that other work can follow; its trace goes to standard error. */
  private String answerOrError(String[] words) throws IOException {
    try {
      return answer(words);
    } catch (RuntimeException e) {
      e.printStackTrace();
      return new ObjectMapper().writeValueAsString(Map.of("error", e.toString()));
    }
  }

  private String answer(String[] words) throws IOException {
    switch (words[0]) {
      case "prepare":
        return prepare(words[1], Integer.parseInt(words[2]));
      case "run":
        return String.format(
            Locale.ROOT, "{\"samples_per_s\": %.4f}", rate(Double.parseDouble(words[1])));
      case "peak":
        return peak(Integer.parseInt(words[1]));
      default:
        return "{\"error\": \"unknown command " + words[0] + "\"}";
    }
  }

  private String prepare(String id, int size) {
    batch = size;
    Supplier<Workload> best = null;
    double bestRate = 0;
    List<Supplier<Workload>> variants =
        ConvolutionWork.names(id)
            ? engine.variants(ConvolutionWork.of(id), size)
            : engine.variants(Workload.Kind.of(id), size);
    for (Supplier<Workload> variant : variants) {
      use(variant);
      workload.step();
      workload.finish();
      double measured = variants.size() == 1 ? 1 : rate(TRIAL_SECONDS);
      if (measured > bestRate) {
        bestRate = measured;
        best = variant;
      }
    }
    if (variants.size() > 1) {
      use(best);
    }
    rate(warmUpSeconds);
    return String.format(
        "{\"ready\": \"%s\", \"note\": \"%s%s\"}", id, engine.description(),
        workload.note());
  }

  private void use(Supplier<Workload> variant) {
    if (workload != null) {
      workload.close();
      workload = null;
    }
    workload = variant.get();
  }

  /**
   * Samples a second. A device works behind the calls, so it is waited for after one step, two, four
   * and so on, as many as fit; else what is under way when time is up could take long to end.
   */
  private double rate(double seconds) {
    long start = System.nanoTime();
    long steps = 0;
    double passed = 0;
    while (steps == 0 || passed < seconds) {
      double fitting = steps == 0 ? 1 : Math.ceil(steps * (seconds - passed) / passed);
      long more = (long) Math.min(Math.max(1, fitting), Math.max(1, steps));
      for (long i = 0; i < more; i++) {
        workload.step();
      }
      workload.finish();
      steps += more;
      passed = (System.nanoTime() - start) / 1e9;
    }
    return steps * (double) batch / passed;
  }

  /** How far resident memory grows while a fresh process' first two training steps run. */
  private String peak(int size) throws IOException {
    use(engine.variants(Workload.Kind.TRAIN, size).get(0));
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    long before = statusBytes("VmRSS:");
    workload.step();
    workload.step();
    workload.finish();
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
