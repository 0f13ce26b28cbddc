package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same inputs give the same bits, again and from several threads at once. */
final class OrderCases {
  private static final int REPEATS = 4;
  private static final Conv2dGeometry CONVOLUTION =
      new Conv2dGeometry(4, 12, 12, 8, 16, 3, 3, 1, 1, 1);

  /** Computes something of x into y. */
  private interface Kernel {
    void run(Backend backend, Buffer x, Buffer y);
  }

  private OrderCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        repeated("sum", 100_003, 1, (b, x, y) -> b.sum(x, y, 1, 100_003, 1)),
        repeated("sum", 100_000, 50, (b, x, y) -> b.sum(x, y, 1, 2000, 50)),
        repeated(
            "matmul", 300 * 300, 300 * 300,
            (b, x, y) -> b.matmul(Precision.FP32, x, false, x, true, y, 1, 300, 300, 300)),
        repeated(
            "batchNormStatistics", 64_000, 128,
            (b, x, y) -> b.batchNormStatistics(x, y, 1000, 64)),
        repeated(
            "conv2dGradWeight", CONVOLUTION.outputElements(), CONVOLUTION.weightElements(),
            OrderCases::gradWeight),
        repeated("scatter", 500_000, 7, OrderCases::scatter),
        repeated("softmax", 64_000, 64_000, (b, x, y) -> b.softmax(x, y, 640, 100)));
  }

  private static ConformanceCase repeated(String method, long in, long out, Kernel kernel) {
    return new ConformanceCase(
        method, "the same bits again, and from " + REPEATS + " threads",
        d -> compare(d, in, out, kernel));
  }

  private static void compare(Duel d, long in, long out, Kernel kernel) {
    double[] x = d.normals((int) in);
    double[] first = compute(d.subject(), x, out, kernel);
    assertThat(Arrays.mismatch(compute(d.subject(), x, out, kernel), first))
        .as("the first element that differs")
        .isEqualTo(-1);
    ExecutorService threads = Executors.newFixedThreadPool(REPEATS);
    try {
      List<Future<double[]>> results = new ArrayList<>();
      for (int i = 0; i < REPEATS; i++) {
        results.add(threads.submit(() -> compute(d.subject(), x, out, kernel)));
      }
      for (Future<double[]> result : results) {
        assertThat(Arrays.mismatch(result.get(), first))
            .as("the first element that differs")
            .isEqualTo(-1);
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError("a thread did not finish", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The same numbers serve as image and, all of them, as output gradient. */
  private static void gradWeight(Backend b, Buffer x, Buffer y) {
    Buffer image = x.slice(0, CONVOLUTION.inputElements());
    b.conv2dGradWeight(Precision.FP32, CONVOLUTION, image, x, y);
    image.release();
  }

  /** So many numbers for so few places that threads would meet. */
  private static void scatter(Backend b, Buffer x, Buffer y) {
    int[] places = new int[Math.toIntExact(x.elements())];
    for (int i = 0; i < places.length; i++) {
      places[i] = i % (int) y.elements();
    }
    Buffer winners = b.allocate(DType.I32, places.length);
    b.upload(places, 0, winners, 0, places.length);
    b.scatter(x, winners, y);
    winners.release();
  }

  private static double[] compute(Backend b, double[] values, long out, Kernel kernel) {
    Buffer x = b.allocate(b.dtype(), values.length);
    Buffer y = b.allocate(b.dtype(), out);
    b.upload(values, 0, x, 0, values.length);
    kernel.run(b, x, y);
    b.synchronize();
    double[] result = new double[(int) out];
    b.download(y, 0, result, 0, result.length);
    x.release();
    y.release();
    return result;
  }
}
