package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every kernel that adds things up gives the same bits whatever the number of threads. */
class HostDeterminismTest {
  private static final Conv2dGeometry CONVOLUTION =
      new Conv2dGeometry(6, 17, 19, 8, 12, 3, 3, 2, 1, 2);
  private static final Pool2dGeometry POOLING = new Pool2dGeometry(6, 33, 33, 24, 3, 2, 1);

  /** Computes something and returns the result. */
  private interface Kernel {
    Buffer run(Case c);
  }

  /** Inputs and outputs of one run. */
  private record Case(HostBackend host, Scope scope) {
    Buffer normal(long elements) {
      float[] values = new float[Math.toIntExact(elements)];
      Philox random = new Philox(7);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.normal(0, i);
      }
      Buffer buffer = output(elements);
      host.upload(values, 0, buffer, 0, values.length);
      return buffer;
    }

    Buffer output(long elements) {
      return scope.add(host.allocate(DType.F32, elements));
    }

    Buffer indices(long elements) {
      return scope.add(host.allocate(DType.I32, elements));
    }
  }

  @TestFactory
  Stream<DynamicTest> sameBitsOnOneAndSeveralThreads() {
    return Stream.of(
        test("sum of all", c -> sum(c, 1, 300_000, 1)),
        test("sum of long rows", c -> sum(c, 3, 150_001, 1)),
        test("sum of rows", c -> sum(c, 1, 20_000, 17)),
        test("sum of wide rows", c -> sum(c, 1, 90, 5000)),
        test("sum of many slabs", c -> sum(c, 100, 90, 33)),
        test("statistics", HostDeterminismTest::statistics),
        test("sums of the backward pass", HostDeterminismTest::sums),
        test("scatter", HostDeterminismTest::scatter),
        test("scatterAddRows", HostDeterminismTest::scatterAddRows),
        test("matmul", HostDeterminismTest::matmul),
        test("weight gradient", HostDeterminismTest::weightGradient),
        test("input gradient", HostDeterminismTest::inputGradient));
  }

  private static DynamicTest test(String name, Kernel kernel) {
    return DynamicTest.dynamicTest(name, () -> {
      int before = Parallel.threads();
      try {
        float[] alone = on(1, kernel);
        for (int threads : List.of(2, 5)) {
          assertThat(on(threads, kernel)).as("%d threads", threads).isEqualTo(alone);
        }
      } finally {
        Parallel.threads(before);
      }
    });
  }

  private static float[] on(int threads, Kernel kernel) {
    Parallel.threads(threads);
    try (HostBackend host = HostBackend.createPlain(); Scope scope = Scope.open()) {
      Buffer result = kernel.run(new Case(host, scope));
      float[] values = new float[Math.toIntExact(result.elements())];
      host.download(result, 0, values, 0, values.length);
      return values;
    }
  }

  private static Buffer sum(Case c, long outer, long reduced, long inner) {
    Buffer y = c.output(outer * inner);
    c.host.sum(c.normal(outer * reduced * inner), y, outer, reduced, inner);
    return y;
  }

  private static Buffer statistics(Case c) {
    Buffer y = c.output(2 * 24);
    c.host.batchNormStatistics(c.normal(10_000 * 24), y, 10_000, 24);
    return y;
  }

  private static Buffer sums(Case c) {
    Buffer x = c.normal(10_000 * 24);
    Buffer statistics = c.output(2 * 24);
    Buffer y = c.output(2 * 24);
    c.host.batchNormStatistics(x, statistics, 10_000, 24);
    c.host.batchNormSums(x, statistics, x, x, 1e-5, y, 10_000, 24);
    return y;
  }

  private static Buffer scatter(Case c) {
    Buffer x = c.normal(POOLING.inputElements());
    Buffer y = c.output(POOLING.outputElements());
    Buffer winners = c.indices(POOLING.outputElements());
    c.host.maxPool2d(POOLING, x, y, winners);
    c.host.scatter(y, winners, x);
    return x;
  }

  private static Buffer scatterAddRows(Case c) {
    int rows = 3000;
    Buffer index = c.indices(rows);
    int[] places = new int[rows];
    for (int i = 0; i < rows; i++) {
      places[i] = new Philox(9).integer(0, i, 50);
    }
    c.host.upload(places, 0, index, 0, rows);
    Buffer table = c.output(50 * 40);
    c.host.scatterAddRows(c.normal(rows * 40), index, table, rows, 50, 40);
    return table;
  }

  private static Buffer matmul(Case c) {
    Buffer y = c.output(2 * 70 * 300);
    Buffer a = c.normal(2 * 70 * 520);
    Buffer b = c.normal(2 * 520 * 300);
    c.host.matmul(Precision.FP32, a, true, b, true, y, 2, 70, 300, 520);
    return y;
  }

  private static Buffer weightGradient(Case c) {
    Buffer y = c.output(CONVOLUTION.weightElements());
    c.host.conv2dGradWeight(
        Precision.FP32, CONVOLUTION, c.normal(CONVOLUTION.inputElements()),
        c.normal(CONVOLUTION.outputElements()), y);
    return y;
  }

  private static Buffer inputGradient(Case c) {
    Buffer y = c.output(CONVOLUTION.inputElements());
    c.host.conv2dGradInput(
        Precision.FP32, CONVOLUTION, c.normal(CONVOLUTION.weightElements()),
        c.normal(CONVOLUTION.outputElements()), y);
    return y;
  }
}
