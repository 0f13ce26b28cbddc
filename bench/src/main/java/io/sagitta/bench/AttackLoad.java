package io.sagitta.bench;

import com.sun.management.OperatingSystemMXBean;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreFiles;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How long a whole evaluation takes: score files of made-up models are written, then read and
 * attacked by everything in both modes, with 1000 redraws. Files hold float64, as runs' do.
 *
 * <pre>bench/attacks FOLDER [SHADOWS [TARGETS [SAMPLES]]]</pre>
 */
public final class AttackLoad {
  private static final String HELP =
      """
      bench/attacks FOLDER [SHADOWS [TARGETS [SAMPLES]]]   (64, 3, 50000)
      Times a whole evaluation of made-up scores, which are written to the folder and stay there.
      """;

  private static final int CLASSES = 100;
  private static final int VIEWS = 2;

  private final Path folder;
  private final int models;
  private final int samples;
  private final Philox philox = new Philox(1);

  private AttackLoad(Path folder, int models, int samples) {
    this.folder = folder;
    this.models = models;
    this.samples = samples;
  }

  /** Writes what is not there yet, then measures. */
  public static void main(String[] args) throws IOException {
    Options.main(args, HELP, () -> run(args));
  }

  private static void run(String[] args) throws IOException {
    if (args.length == 0 || args.length > 4 || args[0].startsWith("-")) {
      throw new IllegalArgumentException(
          "attacks: expected FOLDER [SHADOWS [TARGETS [SAMPLES]]], got " + Arrays.toString(args));
    }
    int shadows = args.length > 1 ? Options.number("SHADOWS", args[1]) : 64;
    int targets = args.length > 2 ? Options.number("TARGETS", args[2]) : 3;
    int samples = args.length > 3 ? Options.number("SAMPLES", args[3]) : 50_000;
    AttackLoad load = new AttackLoad(Path.of(args[0]), shadows + targets, samples);
    load.write();
    load.measure(IntStream.range(shadows, shadows + targets).toArray());
  }

  private void measure(int[] targets) {
    Set<Mode> modes = EnumSet.allOf(Mode.class);
    long start = System.nanoTime();
    double before = processorSeconds();
    ScoreSet scores =
        ScoreFiles.read(masks(), scores(), Attacks.signals(Attacks.ALL, modes));
    double read = seconds(start);
    AttackResults results =
        AttackRun.evaluate(
            scores, targets,
            AttackSettings.of(modes)
                .withBootstrap(new Bootstrap(0, Bootstrap.DEFAULT_RESAMPLES)));
    System.out.printf(
        "%d shadows, %d targets, %d samples, %d views: %d evaluations of %d attacks%n",
        results.shadows(), targets.length, samples, VIEWS, results.results().size(),
        results.summaries().size());
    System.out.printf(
        "read in %.1f s, attacked in %.1f s on %d processors, of which %.1f s of processor time;"
            + " heap at most %d MB of %d%n",
        read, seconds(start) - read, Runtime.getRuntime().availableProcessors(),
        processorSeconds() - before, peakHeapBytes() >> 20,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Of all threads: what the wall clock would not tell on a machine that others use too. */
  private static double processorSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
            .getProcessCpuTime()
        * 1e-9;
  }

  /** The sum of the heap's parts, each at its own peak: an upper bound. */
  private static long peakHeapBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(AttackLoad::peak)
        .sum();
  }

  private static long peak(MemoryPoolMXBean pool) {
    return pool.getPeakUsage().getUsed();
  }

  private Path masks() {
    return folder.resolve("masks.safetensors");
  }

  private Path scores() {
    return folder.resolve("scores");
  }

  private void write() throws IOException {
    Files.createDirectories(scores());
    byte[] members = new byte[models * samples];
    for (int i = 0; i < members.length; i++) {
      members[i] = member(i / samples, i % samples) ? (byte) 1 : 0;
    }
    long[] labels = IntStream.range(0, samples).mapToLong(s -> s % CLASSES).toArray();
    Safetensors.write(
        masks(),
        List.of(
            Entry.ofUnsignedBytes("members", new long[] {models, samples}, members),
            Entry.ofLongs("labels", new long[] {samples}, labels)),
        Map.of());
    for (int model = 0; model < models; model++) {
      if (!Files.exists(ScoreFiles.file(scores(), model))) {
        write(model);
      }
    }
  }

  private boolean member(int model, int sample) {
    return philox.uniform(model / 2, sample) > 0.5 == (model % 2 == 0);
  }

  private void write(int model) {
    long[] shape = {VIEWS, samples};
    List<Entry> entries = new ArrayList<>();
    for (Signal signal : Signal.values()) {
      double[] values = new double[VIEWS * samples];
      for (int i = 0; i < values.length; i++) {
        values[i] = value(signal, model, i);
      }
      entries.add(Entry.ofDoubles(signal.tensorName(), shape, values));
    }
    Safetensors.write(
        ScoreFiles.file(scores(), model), entries, Map.of(ScoreFiles.VIEWS_KEY, "identity,flip"));
  }

  /** Membership raises the logit and lowers curvatures; samples differ in how hard they are. */
  private double value(Signal signal, int model, int index) {
    double hardness = philox.normal(1 << 20, index % samples);
    double seen = member(model, index % samples) ? 1 : 0;
    double logit = 2 - 2 * hardness + seen + philox.normal(2000 + model, index);
    double probability = 1 / (1 + Math.exp(-logit));
    return switch (signal) {
      case LOGIT -> logit;
      case LOSS -> Math.log1p(Math.exp(-logit));
      case PROB_TRUE -> probability;
      case PROB_MAX -> Math.max(probability, 1 - probability);
      case MENTR -> (1 - probability) * Math.log1p(Math.exp(-logit)) * 2;
      case CURV_ZO, CURV_EXACT, CURV_TRACE ->
          Math.exp(hardness - seen + philox.normal((4L << signal.ordinal()) * 1000 + model, index));
    };
  }
}
