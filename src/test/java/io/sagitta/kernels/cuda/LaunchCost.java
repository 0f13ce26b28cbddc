package io.sagitta.kernels.cuda;

import com.sun.management.ThreadMXBean;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Sgd;
import io.sagitta.nn.train.TrainStep;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What launches cost on the host: time and allocated bytes of one launch with 4, 8 and 12 arguments,
 * and of a training step of ResNet-18. It is run on the driver that does nothing, {@code
 * src/test/cpp/noop}, since the launches carry arguments that no kernel takes.
 *
 * <pre>java -Dsagitta.cuda.driver=…/libcuda.so.1 … io.sagitta.kernels.cuda.LaunchCost OUT.json [launches]</pre>
 */
final class LaunchCost {
  private static final int LAUNCHES = 20_000;
  private static final int ROUNDS = 40;
  private static final int STEPS = 20;
  private static final int STEP_ROUNDS = 20;

  private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final StringBuilder json = new StringBuilder("{");

  private LaunchCost() {}

  /**
   * Measures and writes.
   *
   * @param args the file that receives the figures, and {@code launches} for those alone
   */
  public static void main(String[] args) throws IOException {
    if (!CudaDevice.isSubstituted()) {
      throw new IllegalStateException("launch cost: expected the driver that does nothing");
    }
    LaunchCost cost = new LaunchCost();
    cost.launches();
    if (args.length == 1) {
      cost.trainingStep();
    }
    Files.writeString(Path.of(args[0]), cost.json.append("\n}\n"));
  }

  private void launches() {
    try (CudaSession session = new CudaSession(0)) {
      Kernel kernel = session.kernel("elementwise", "affine_f32");
      CudaBuffer x = session.scratch(DType.F32, 64);
      for (int arguments : new int[] {4, 8, 12}) {
        measure("launch_" + arguments, LAUNCHES, ROUNDS, () -> launch(kernel, x, arguments));
      }
      x.release();
    }
  }

  /** Half pointers, and sizes and scalars in turn. */
  private static void launch(Kernel kernel, CudaBuffer x, int arguments) {
    Launch launch = kernel.with();
    for (int i = 0; i < arguments; i += 4) {
      launch.arg(64L).arg(x).arg(x).arg(1.5f);
    }
    launch.run(132, 256);
  }

  private void trainingStep() {
    try (CudaBackend backend = CudaBackend.open(0);
        Scope scope = Scope.open()) {
      Model model = Models.create(ModelSpec.of("resnet18", 100, 64));
      Weights weights = Weights.initialize(model, backend, 1);
      Sgd sgd = new Sgd(weights.trainable(), 0.9, 1e-4, false);
      TrainStep step = new TrainStep(weights, sgd, Precision.FP32);
      int[] labels = new int[8];
      DenseTensor images =
          Tensor.of(backend, Shape.of(8, 32, 32, 3), new float[8 * 32 * 32 * 3]);
      measure("training_step", STEPS, STEP_ROUNDS, () -> step.run(images, labels, 0.01));
    }
  }

  /** The best round counts: what else the machine does can only add. */
  private void measure(String name, int count, int rounds, Runnable work) {
    double nanos = Double.MAX_VALUE;
    double bytes = Double.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      long allocated = memory.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        work.run();
      }
      nanos = Math.min(nanos, (System.nanoTime() - start) / (double) count);
      bytes =
          Math.min(bytes, (memory.getCurrentThreadAllocatedBytes() - allocated) / (double) count);
    }
    System.out.printf(Locale.ROOT, "%-14s %9.0f ns %9.1f bytes%n", name, nanos, bytes);
    json.append(json.length() == 1 ? "" : ",")
        .append(
            String.format(
                Locale.ROOT, "%n  \"%s\": {\"nanos\": %.1f, \"bytes\": %.2f}", name, nanos, bytes));
  }
}
