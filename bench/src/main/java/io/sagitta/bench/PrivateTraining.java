package io.sagitta.bench;

import com.sun.management.OperatingSystemMXBean;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Optimizer;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.privacy.Privacy;
import io.sagitta.nn.train.PrivateStep;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainStep;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * What privacy costs a training step, in time, in work of the processor and in memory: plain steps with
 * batch and with group normalisation, and private ones, in turn. The processor's work is that of the
 * whole process; it says more than the time on a machine that others use too.
 */
public final class PrivateTraining {
  private static final String HELP =
      """
      Measures what privacy costs a training step, in time, in work of the processor and in memory.

        --arch NAME   (default: resnet18)
        --width W     (default: the network's own)
        --batch N     (default: 128)
        --rounds R    (default: 5)
        --device D    (default: auto)
      """;

  private static final int SIDE = 32;
  private static final int CLASSES = 100;
  private static final int MEMBERS = 50_000;
  private static final double RATE = 1e-3;

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private PrivateTraining() {}

  /** One kind of training. */
  private static final class Contender implements AutoCloseable {
    private final String name;
    private final Weights weights;
    private final Optimizer optimizer;
    private final LongConsumer step;
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> work = new ArrayList<>();
    private long bytes;

    Contender(String name, ModelSpec spec, Backend backend, TrainConfig config) {
      this.name = name;
      weights = Weights.initialize(Models.create(spec), backend, config.seed());
      optimizer = OptimizerKind.SGD.create(weights.trainable(), 0.9, 0, false);
      step = config.privacy() == null ? plain(backend, config) : privately(backend, config);
    }

    private LongConsumer plain(Backend backend, TrainConfig config) {
      TrainStep plain = new TrainStep(weights, optimizer, Precision.FP32);
      int[] all = IntStream.range(0, config.batch()).toArray();
      return number -> {
        try (Scope scope = Scope.open()) {
          plain.run(images(backend, all), labels(all), RATE);
        }
      };
    }

    private LongConsumer privately(Backend backend, TrainConfig config) {
      PrivateStep privateStep =
          new PrivateStep(weights, optimizer, config.promise(MEMBERS), config);
      int[] all = IntStream.range(0, config.batch()).toArray();
      PrivateStep.Samples samples =
          new PrivateStep.Samples() {
            @Override
            public DenseTensor images(int... indices) {
              return PrivateTraining.images(backend, indices);
            }

            @Override
            public int[] labels(int... indices) {
              return PrivateTraining.labels(indices);
            }
          };
      return number -> privateStep.run(samples, all, number, RATE);
    }

    void measure(Backend backend, long number) {
      backend.synchronize();
      long before = backend.liveBytes();
      backend.resetPeak();
      long worked = PROCESS.getProcessCpuTime();
      long start = System.nanoTime();
      step.accept(number);
      backend.synchronize();
      seconds.add((System.nanoTime() - start) * 1e-9);
      work.add((PROCESS.getProcessCpuTime() - worked) * 1e-9);
      bytes = Math.max(bytes, backend.peakBytes() - before + ownBytes());
    }

    /** Weights and the optimiser's state. */
    private long ownBytes() {
      return weights.tensors().values().stream().mapToLong(DenseTensor::bytes).sum()
          + optimizer.state().values().stream().mapToLong(DenseTensor::bytes).sum();
    }

    @Override
    public void close() {
      optimizer.close();
      weights.close();
    }
  }

  /** Random pixels, the same each time. */
  private static DenseTensor images(Backend backend, int[] indices) {
    float[] pixels = new float[indices.length * SIDE * SIDE * 3];
    byte[] signs = new byte[pixels.length];
    new Philox(1).rademacher(0, signs);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = signs[i];
    }
    return Tensor.of(backend, Shape.of(indices.length, SIDE, SIDE, 3), pixels);
  }

  private static int[] labels(int[] indices) {
    return Arrays.stream(indices).map(i -> i % CLASSES).toArray();
  }

  /** Runs as a program. */
  public static void main(String[] arguments) throws IOException {
    Options.main(arguments, HELP, () -> run(arguments));
  }

  private static void run(String[] arguments) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("--arch", "resnet18");
    defaults.put("--width", "0");
    defaults.put("--batch", "128");
    defaults.put("--rounds", "5");
    defaults.put("--device", "auto");
    Options options = new Options("private training", defaults);
    options.read(arguments);
    ModelSpec batchNorm =
        ModelSpec.of(options.text("--arch"), CLASSES, options.number("--width"));
    TrainConfig plain =
        TrainConfig.of(20, options.number("--batch"), RATE, Augment.Mode.NONE, 0);
    TrainConfig asked = plain.privately(Privacy.ofNoise(1));
    ModelSpec groupNorm = batchNorm.withoutBatchNorm();
    try (Backend backend = Devices.open(options.text("--device"));
        Contender first = new Contender("plain, batch norm", batchNorm, backend, plain);
        Contender second = new Contender("plain, group norm", groupNorm, backend, plain);
        Contender third = new Contender("private, group norm", groupNorm, backend, asked)) {
      System.out.println(batchNorm + ", batch " + plain.batch() + ", " + backend.description());
      List<Contender> contenders = List.of(first, second, third);
      for (int round = -1; round < options.number("--rounds"); round++) {
        for (Contender contender : contenders) {
          contender.measure(backend, round + 1);
        }
      }
      contenders.forEach(c -> report(c, first));
    }
  }

  private static void report(Contender contender, Contender base) {
    System.out.printf(
        "%-20s %s; work %s; peak %.0f MiB, %.2f times%n", contender.name,
        compared(contender.seconds, base.seconds), compared(contender.work, base.work),
        contender.bytes / 1048576.0, (double) contender.bytes / base.bytes);
  }

  /** The median, and median, least and greatest ratio of a round; the first round warms up. */
  private static String compared(List<Double> own, List<Double> base) {
    int rounds = own.size() - 1;
    double[] values = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      values[i] = own.get(i + 1);
      ratios[i] = values[i] / base.get(i + 1);
    }
    Arrays.sort(values);
    Arrays.sort(ratios);
    return String.format(
        "%.3f s a step, %.2f (%.2f-%.2f) times the first", values[rounds / 2],
        ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
  }
}
