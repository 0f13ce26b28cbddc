package io.sagitta.kernels.cuda;

import com.sun.management.ThreadMXBean;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
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
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * What launches cost on the host: time and allocated bytes of one launch with 4, 8 and 12 arguments,
 * of primitives that need no scratch memory, and of a training step of ResNet-18, with the part of it
 * that the backend spends when it is asked to compute. It is run on the driver that does nothing, {@code
 * src/test/cpp/noop}, since the launches carry arguments that no kernel takes.
 *
 * <pre>java -Dsagitta.cuda.driver=…/libcuda.so.1 … io.sagitta.kernels.cuda.LaunchCost OUT.json [launches]</pre>
 */
final class LaunchCost {
  private static final int LAUNCHES = 2_000;
  private static final int ROUNDS = 400;
  private static final int SIDE = 64;
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
    cost.primitives();
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

  /** From the backend's front door to the driver. */
  private void primitives() {
    try (CudaBackend backend = CudaBackend.open(0)) {
      Buffer x = backend.allocate(DType.F32, SIDE * SIDE);
      measure(
          "matmul", LAUNCHES, ROUNDS,
          () ->
              backend.matmul(
                  Precision.TF32, x, false, x, false, x, 1, SIDE, SIDE, SIDE));
      measure(
          "batch_norm_apply", LAUNCHES, ROUNDS,
          () -> backend.batchNormApply(x, x, x, x, null, true, 1e-5, x, SIDE, SIDE));
      x.release();
    }
  }

  private void trainingStep() {
    try (CudaBackend backend = CudaBackend.open(0)) {
      trainingStep(backend, step -> measure("training_step", STEPS, STEP_ROUNDS, step));
      long[] bytes = {0};
      trainingStep(
          counting(backend, bytes),
          step -> {
            for (int i = 0; i < STEPS; i++) {
              bytes[0] = 0;
              step.run();
            }
          });
      System.out.printf("%-25s %22d bytes%n", "training_step_computing", bytes[0]);
      json.append(
          String.format(",%n  \"training_step_computing\": {\"bytes\": %d}", bytes[0]));
    }
  }

  private static void trainingStep(Backend backend, Consumer<Runnable> use) {
    try (Scope scope = Scope.open()) {
      Model model = Models.create(ModelSpec.of("resnet18", 100, 64));
      Weights weights = Weights.initialize(model, backend, 1);
      Sgd sgd = new Sgd(weights.trainable(), 0.9, 1e-4, false);
      int[] labels = new int[8];
      DenseTensor images =
          Tensor.of(backend, Shape.of(8, 32, 32, 3), new float[8 * 32 * 32 * 3]);
      // A step that has no other of its shape before it is not replayed.
      use.accept(() -> new TrainStep(weights, sgd, Precision.FP32).run(images, labels, 0.01));
    }
  }

  /** The same backend; counts what its thread allocates in calls but those for buffers. */
  private Backend counting(Backend backend, long[] bytes) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              long before = memory.getCurrentThreadAllocatedBytes();
              Object result = method.invoke(backend, arguments);
              if (!method.getName().equals("allocate")) {
                bytes[0] += memory.getCurrentThreadAllocatedBytes() - before;
              }
              return result;
            });
  }

  /** The best of many short rounds counts: what else the machine does can only add. */
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
    System.out.printf(Locale.ROOT, "%-25s %9.0f ns %9.1f bytes%n", name, nanos, bytes);
    json.append(json.length() == 1 ? "" : ",")
        .append(
            String.format(
                Locale.ROOT, "%n  \"%s\": {\"nanos\": %.1f, \"bytes\": %.2f}", name, nanos, bytes));
  }
}
