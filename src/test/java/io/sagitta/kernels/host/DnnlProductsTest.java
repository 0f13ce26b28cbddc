package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the conformance suite's small shapes do not reach: work cut into shares, the forms for short
 * rows, bfloat16 to the last digit, several threads, writes beyond scratch memory.
 */
class DnnlProductsTest {
  private Backend host;
  private Backend oracle;

  /** The results of one geometry: y, fused y, gradX, gradW. */
  private record Results(double[] y, double[] fused, double[] gradX, double[] gradW) {}

  @BeforeEach
  void open() {
    try {
      host = new HostBackend(new DnnlProducts(Dnnl.load(), new GuardedMemory()), null);
    } catch (NativesUnavailableException e) {
      Assumptions.abort(e.getMessage());
    }
    oracle = new ReferenceBackend();
  }

  @AfterEach
  void close() {
    if (host != null) {
      long live = host.liveBytes();
      host.close();
      oracle.close();
      assertThat(live).isZero();
    }
  }

  static Stream<Conv2dGeometry> geometries() {
    return Stream.of(
        new Conv2dGeometry(33, 16, 16, 16, 24, 3, 3, 1, 1, 1),
        new Conv2dGeometry(9, 16, 15, 16, 32, 3, 3, 2, 1, 2),
        new Conv2dGeometry(17, 4, 4, 64, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(16, 8, 8, 64, 48, 3, 3, 2, 1, 1),
        new Conv2dGeometry(19, 5, 7, 64, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(16, 7, 6, 128, 16, 3, 3, 1, 0, 1),
        new Conv2dGeometry(16, 9, 8, 64, 16, 5, 3, 2, 2, 1),
        new Conv2dGeometry(18, 5, 5, 64, 64, 3, 3, 1, 1, 4),
        new Conv2dGeometry(16, 2, 2, 64, 40, 3, 3, 1, 1, 1),
        new Conv2dGeometry(24, 4, 4, 64, 64, 1, 1, 1, 0, 1),
        new Conv2dGeometry(3, 48, 48, 4, 8, 1, 1, 2, 0, 1),
        new Conv2dGeometry(2, 64, 64, 12, 16, 1, 1, 2, 0, 1),
        new Conv2dGeometry(2, 96, 93, 3, 24, 1, 1, 3, 0, 1),
        new Conv2dGeometry(2, 70, 72, 8, 24, 1, 1, 3, 0, 2));
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void fp32IsFp32(Conv2dGeometry g) {
    Results expected = compute(oracle, Precision.FP32, g, false);
    Results actual = compute(host, Precision.FP32, g, false);
    compare(g, actual, expected, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void bf16RoundsOperandsAndNothingElse(Conv2dGeometry g) {
    Assumptions.assumeTrue(
        host.supports(Precision.BF16), "no bfloat16 on this CPU: " + host.description());
    Results expected = compute(oracle, Precision.FP32, g, true);
    Results rounded = compute(host, Precision.BF16, g, true);
    Results unrounded = compute(host, Precision.BF16, g, false);
    compare(g, rounded, expected, 1e-6);
    same(unrounded.y, rounded.y);
    same(unrounded.gradX, rounded.gradX);
    same(unrounded.gradW, rounded.gradW);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void sameBitsAgainAndFromManyThreads(Precision precision) throws Exception {
    Assumptions.assumeTrue(host.supports(precision), "not on this CPU: " + precision);
    List<Conv2dGeometry> all = geometries().toList();
    List<Results> alone = new ArrayList<>();
    for (Conv2dGeometry g : all) {
      alone.add(compute(host, precision, g, false));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Results>> tasks = new ArrayList<>();
      for (int i = 0; i < 3 * all.size(); i++) {
        Conv2dGeometry g = all.get(i * 7 % all.size());
        tasks.add(() -> compute(host, precision, g, false));
      }
      List<Future<Results>> results = threads.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        same(results.get(i).get(), alone.get(i * 7 % all.size()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void sameBitsOnAnyNumberOfThreads(Precision precision) {
    Assumptions.assumeTrue(host.supports(precision), "not on this CPU: " + precision);
    int before = Parallel.threads();
    try {
      for (Conv2dGeometry g : sharedGeometries()) {
        Parallel.threads(1);
        Results alone = compute(host, precision, g, false);
        for (int threads : new int[] {2, 3, 8}) {
          Parallel.threads(threads);
          try (Backend fresh = HostBackend.create()) {
            same(compute(fresh, precision, g, false), alone);
          }
        }
      }
    } finally {
      Parallel.threads(before);
    }
  }

  /** Eight shares, two uneven ones, gradients in two shares and eight, short rows. */
  private static List<Conv2dGeometry> sharedGeometries() {
    return List.of(
        new Conv2dGeometry(32, 16, 16, 32, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(5, 32, 32, 3, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(32, 8, 8, 96, 96, 3, 3, 1, 1, 1),
        new Conv2dGeometry(64, 4, 4, 128, 128, 3, 3, 1, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("products")
  void matmulInShares(int[] sizes) {
    for (int form = 0; form < 4; form++) {
      boolean transposeA = (form & 1) != 0;
      boolean transposeB = (form & 2) != 0;
      double[] expected = matmul(oracle, Precision.FP32, transposeA, transposeB, sizes, false);
      double[] actual = matmul(host, Precision.FP32, transposeA, transposeB, sizes, false);
      Tolerance.checkNorm("matmul", actual, expected, 1e-6);
      if (host.supports(Precision.BF16)) {
        double[] rounded = matmul(oracle, Precision.FP32, transposeA, transposeB, sizes, true);
        double[] bf16 = matmul(host, Precision.BF16, transposeA, transposeB, sizes, false);
        Tolerance.checkNorm("matmul, BF16", bf16, rounded, 1e-6);
      }
    }
  }

  /** batch, m, n, k: most matrices, most rows, most columns, too little work to share. */
  static Stream<int[]> products() {
    return Stream.of(
        new int[] {301, 20, 30, 40}, new int[] {1, 401, 100, 129}, new int[] {2, 65, 402, 100},
        new int[] {1, 3, 5, 7});
  }

  @Test
  void aSumOverNothingIsZero() {
    Buffer empty = host.allocate(DType.F32, 0);
    Buffer c = numbers(host, 6, 1, false);
    host.matmul(Precision.FP32, empty, false, empty, false, c, 1, 2, 3, 0);
    assertThat(read(host, c)).containsOnly(0);
    Buffer gradW = numbers(host, 8, 2, false);
    Conv2dGeometry g = new Conv2dGeometry(0, 3, 3, 2, 4, 1, 1, 1, 0, 1);
    host.conv2dGradWeight(Precision.FP32, g, empty, empty, gradW);
    assertThat(read(host, gradW)).containsOnly(0);
    release(empty, c, gradW);
  }

  @Test
  void infinitiesAndNansStay() {
    assertThat(firstOutput(Float.POSITIVE_INFINITY, false)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(firstOutput(Float.POSITIVE_INFINITY, true)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(firstOutput(Float.NEGATIVE_INFINITY, true)).isZero();
    assertThat(firstOutput(Float.NaN, false)).isNaN();
  }

  /** What a convolution with weights of one half makes of an image with one such number. */
  private double firstOutput(float special, boolean relu) {
    Conv2dGeometry g = new Conv2dGeometry(16, 4, 4, 64, 16, 1, 1, 1, 0, 1);
    Buffer x = numbers(host, g.inputElements(), 1, false);
    host.upload(new float[] {special}, 0, x, 0, 1);
    Buffer w = host.allocate(DType.F32, g.weightElements());
    host.fill(w, 0.5);
    Buffer bias = numbers(host, g.outChannels(), 2, false);
    Buffer y = host.allocate(DType.F32, g.outputElements());
    host.conv2dBiasAct(Precision.FP32, g, x, w, bias, null, relu, y);
    double first = read(host, y)[0];
    release(x, w, bias, y);
    return first;
  }

  @Test
  void usedAfterCloseSaysSo() throws NativesUnavailableException {
    DnnlProducts products = DnnlProducts.create();
    products.close();
    HostBuffer one = (HostBuffer) host.allocate(DType.F32, 1);
    assertThatThrownBy(
            () -> products.matmul(Precision.FP32, one, false, one, false, one, 1, 1, 1, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after the backend closed");
    release(one);
  }

  private static void same(Results actual, Results expected) {
    same(actual.y, expected.y);
    same(actual.fused, expected.fused);
    same(actual.gradX, expected.gradX);
    same(actual.gradW, expected.gradW);
  }

  /** Bit for bit. */
  private static void same(double[] actual, double[] expected) {
    assertThat(Arrays.mismatch(actual, expected)).as("the first that differs").isEqualTo(-1);
  }

  private static void compare(Conv2dGeometry g, Results actual, Results expected, double limit) {
    Tolerance.checkNorm("conv2d " + g, actual.y, expected.y, limit);
    Tolerance.checkNorm("conv2dBiasAct " + g, actual.fused, expected.fused, limit);
    Tolerance.checkNorm("conv2dGradInput " + g, actual.gradX, expected.gradX, limit);
    Tolerance.checkNorm("conv2dGradWeight " + g, actual.gradW, expected.gradW, limit);
  }

  private static Results compute(
      Backend on, Precision precision, Conv2dGeometry g, boolean rounded) {
    Buffer x = numbers(on, g.inputElements(), 1, rounded);
    Buffer w = numbers(on, g.weightElements(), 2, rounded);
    Buffer gradY = numbers(on, g.outputElements(), 3, rounded);
    Buffer bias = numbers(on, g.outChannels(), 4, false);
    Buffer residual = numbers(on, g.outputElements(), 5, false);
    Buffer y = on.allocate(on.dtype(), g.outputElements());
    Buffer fused = on.allocate(on.dtype(), g.outputElements());
    Buffer gradX = on.allocate(on.dtype(), g.inputElements());
    Buffer gradW = on.allocate(on.dtype(), g.weightElements());
    on.conv2d(precision, g, x, w, y);
    on.conv2dBiasAct(precision, g, x, w, bias, residual, true, fused);
    on.conv2dGradInput(precision, g, w, gradY, gradX);
    on.conv2dGradWeight(precision, g, x, gradY, gradW);
    Results results =
        new Results(read(on, y), read(on, fused), read(on, gradX), read(on, gradW));
    release(x, w, gradY, bias, residual, y, fused, gradX, gradW);
    return results;
  }

  private static double[] matmul(
      Backend on, Precision precision, boolean transposeA, boolean transposeB, int[] sizes,
      boolean rounded) {
    int batch = sizes[0];
    int m = sizes[1];
    int n = sizes[2];
    int k = sizes[3];
    Buffer a = numbers(on, (long) batch * m * k, 1, rounded);
    Buffer b = numbers(on, (long) batch * k * n, 2, rounded);
    Buffer c = on.allocate(on.dtype(), (long) batch * m * n);
    on.matmul(precision, a, transposeA, b, transposeB, c, batch, m, n, k);
    double[] result = read(on, c);
    release(a, b, c);
    return result;
  }

  /** Normal numbers as float32 or, where asked, rounded further to bfloat16. */
  private static Buffer numbers(Backend on, long elements, long seed, boolean rounded) {
    Philox random = new Philox(seed);
    float[] values = new float[(int) elements];
    for (int i = 0; i < values.length; i++) {
      float value = (float) random.normal(i, 0);
      values[i] = rounded ? bf16(value) : value;
    }
    Buffer buffer = on.allocate(on.dtype(), elements);
    on.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  /** Rounds to eight significant bits, ties to even. */
  private static float bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int half = 0x7fff + (bits >>> 16 & 1);
    return Float.intBitsToFloat(bits + half & 0xffff0000);
  }

  private static double[] read(Backend on, Buffer buffer) {
    double[] values = new double[(int) buffer.elements()];
    on.download(buffer, 0, values, 0, values.length);
    return values;
  }

  private static void release(Buffer... buffers) {
    for (Buffer buffer : buffers) {
      buffer.release();
    }
  }
}
