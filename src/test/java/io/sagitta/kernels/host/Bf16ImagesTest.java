package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.UnaryOp;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Images that the host stores as bfloat16, as far as the conformance suite's small shapes do not
 * show it: every pattern of bits, rows that fill no tile, several threads, what is not a number.
 */
class Bf16ImagesTest {
  private static final double EPSILON = 1e-5;

  /** Half a unit of eight significant bits, and little beside it. */
  private static final double STORED = 0x1.1p-8;

  private HostBackend host;
  private Scope scope;

  @BeforeEach
  void open() {
    host = HostBackend.create();
    scope = Scope.open();
    Assumptions.assumeTrue(host.storesBf16(), "no bfloat16 on this CPU: " + host.description());
  }

  @AfterEach
  void close() {
    scope.close();
    long live = host.liveBytes();
    host.close();
    assertThat(live).isZero();
  }

  // ---------------------------------------------------------------- casts and masks

  @Test
  void everyBfloat16Widens() {
    int all = 1 << 16;
    for (int skipped = 0; skipped < 2; skipped++) {
      int count = all - skipped;
      HostBuffer narrow = bf16(all).slice(skipped, count);
      HostBuffer wide = f32(count);
      ShortBuffer bits = narrow.shorts();
      for (int i = 0; i < count; i++) {
        bits.put(i, (short) (i + skipped));
      }
      host.cast(narrow, wide);
      for (int i = 0; i < count; i++) {
        assertThat(wide.bits().get(i)).isEqualTo(i + skipped << 16);
      }
      narrow.release();
    }
  }

  @Test
  void everyUpperHalfRoundsToNearest() {
    int[] lower = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    int count = lower.length << 16;
    HostBuffer wide = f32(count + 1).slice(1, count);
    HostBuffer narrow = bf16(count + 1).slice(1, count);
    for (int i = 0; i < count; i++) {
      wide.bits().put(i, i / lower.length << 16 | lower[i % lower.length]);
    }
    host.cast(wide, narrow);
    for (int i = 0; i < count; i++) {
      int bits = wide.bits().get(i);
      int rounded = narrow.shorts().get(i) << 16;
      if (Float.isNaN(Float.intBitsToFloat(bits))) {
        assertThat(Float.intBitsToFloat(rounded)).as("of %x", bits).isNaN();
        assertThat(rounded >>> 31).as("the sign of %x", bits).isEqualTo(bits >>> 31);
      } else {
        boolean up = lower[i % lower.length] > 0x8000
            || lower[i % lower.length] == 0x8000 && (bits >>> 16 & 1) == 1;
        int expected = (bits & 0xffff0000) + (up ? 0x10000 : 0);
        assertThat(rounded).as("of %x", bits).isEqualTo(expected);
      }
    }
    wide.release();
    narrow.release();
  }

  @Test
  void everyBfloat16Masks() {
    int all = (1 << 16) - 1;
    HostBuffer a = bf16(all);
    HostBuffer b = bf16(all);
    HostBuffer y = bf16(all);
    for (int i = 0; i < all; i++) {
      a.shorts().put(i, (short) ~i);
      b.shorts().put(i, (short) i);
    }
    host.binary(BinaryOp.MASK, a, b, y);
    for (int i = 0; i < all; i++) {
      boolean keep = Float.intBitsToFloat(i << 16) > 0;
      assertThat(y.shorts().get(i)).as("by %x", i).isEqualTo((short) (keep ? ~i : 0));
    }
  }

  // ---------------------------------------------------------------- normalisation

  /** Rows and channels that leave a rest, fill no vector, or are more than a chunk. */
  @ParameterizedTest
  @CsvSource({
    "1, 1", "3, 1", "5000, 1", "701, 3", "345, 24", "4099, 16", "2049, 17", "33, 1030", "5, 1025",
    "40, 5000", "6000, 48"
  })
  void normalisesAnyShapeAsFloatsAre(int rows, int channels) {
    int size = rows * channels;
    List<HostBuffer> narrow = new ArrayList<>();
    List<HostBuffer> wide = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      HostBuffer stored = numbers(size, seed);
      HostBuffer floats = f32(size);
      host.cast(stored, floats);
      if (seed == 3) {
        host.unary(UnaryOp.RELU, floats, floats);
        host.cast(floats, stored);
      }
      narrow.add(stored);
      wide.add(floats);
    }
    assertThat(statistics(narrow, rows, channels))
        .satisfies(s -> near("statistics", s, statistics(wide, rows, channels), 1e-5));
    for (boolean fused : new boolean[] {false, true}) {
      HostBuffer y = bf16(size);
      HostBuffer expected = f32(size);
      apply(narrow, fused, y, rows, channels);
      apply(wide, fused, expected, rows, channels);
      near("applied", read(y), read(expected), STORED);
      near(
          "sums", sums(narrow, fused, rows, channels), sums(wide, fused, rows, channels), 1e-5);
      gradInput(narrow, fused, y, rows, channels);
      gradInput(wide, fused, expected, rows, channels);
      near("input gradient", read(y), read(expected), STORED);
    }
  }

  /** Means of a hundred deviations, where sums of squares would cancel. */
  @Test
  void varianceFarFromZeroKeepsItsDigits() {
    int rows = 3000;
    int channels = 16;
    HostBuffer x = bf16(rows * channels);
    double[] expected = new double[2 * channels];
    for (int c = 0; c < channels; c++) {
      expected[c] = 128 + 0.5;
      expected[channels + c] = 0.25;
    }
    float[] values = new float[rows * channels];
    for (int i = 0; i < values.length; i++) {
      values[i] = 128 + i / channels % 2;
    }
    store(values, x);
    assertThat(statistics(List.of(x), rows, channels)).isEqualTo(expected);
  }

  @Test
  void whatIsNotANumberIsNotRectifiedAway() {
    int rows = 100;
    int channels = 3;
    HostBuffer x = numbers(rows * channels, 1);
    x.shorts().put(7 * channels + 1, (short) 0x7fc0);
    HostBuffer statistics = f32(2 * channels);
    host.batchNormStatistics(x, statistics, rows, channels);
    HostBuffer ones = f32(channels);
    host.fill(ones, 1);
    HostBuffer y = bf16(rows * channels);
    host.batchNormApply(x, statistics, ones, ones, null, true, EPSILON, y, rows, channels);
    double[] values = read(y);
    for (int i = 0; i < values.length; i++) {
      assertThat(Double.isNaN(values[i])).as("element %d", i).isEqualTo(i % channels == 1);
      assertThat(values[i] < 0).isFalse();
    }
  }

  // ---------------------------------------------------------------- threads

  private static List<Conv2dGeometry> sharedGeometries() {
    return List.of(
        new Conv2dGeometry(32, 16, 16, 32, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(5, 32, 32, 3, 32, 3, 3, 1, 1, 1),
        new Conv2dGeometry(64, 4, 4, 128, 128, 3, 3, 1, 1, 1),
        new Conv2dGeometry(33, 15, 15, 24, 24, 3, 3, 2, 1, 1));
  }

  @Test
  void sameBitsOnAnyNumberOfThreads() {
    int before = Parallel.threads();
    try {
      for (Conv2dGeometry g : sharedGeometries()) {
        Parallel.threads(1);
        List<double[]> alone = step(host, g);
        for (int threads : new int[] {2, 3, 8}) {
          Parallel.threads(threads);
          try (HostBackend fresh = HostBackend.create()) {
            List<double[]> shared = step(fresh, g);
            for (int i = 0; i < alone.size(); i++) {
              assertThat(Arrays.mismatch(shared.get(i), alone.get(i)))
                  .as("the first of result %d that differs, %d threads, %s", i, threads, g)
                  .isEqualTo(-1);
            }
          }
        }
      }
    } finally {
      Parallel.threads(before);
    }
  }

  /** Every operation of a training step's layer on one backend. */
  private static List<double[]> step(HostBackend on, Conv2dGeometry g) {
    try (Scope own = Scope.open()) {
      Bf16ImagesTest at = new Bf16ImagesTest();
      at.host = on;
      at.scope = own;
      return at.step(g);
    }
  }

  private List<double[]> step(Conv2dGeometry g) {
    int channels = g.outChannels();
    int size = Math.toIntExact(g.outputElements());
    int rows = size / channels;
    HostBuffer x = numbers(Math.toIntExact(g.inputElements()), 1);
    HostBuffer w = f32(Math.toIntExact(g.weightElements()));
    host.cast(numbers(Math.toIntExact(g.weightElements()), 2), w);
    HostBuffer gradY = numbers(size, 3);
    HostBuffer bias = f32(channels);
    host.fill(bias, 0.25);
    HostBuffer y = bf16(size);
    HostBuffer fused = bf16(size);
    HostBuffer gradX = bf16(Math.toIntExact(g.inputElements()));
    HostBuffer gradW = f32(Math.toIntExact(g.weightElements()));
    HostBuffer statistics = f32(2 * channels);
    host.conv2dStatistics(Precision.BF16, g, x, w, y, statistics);
    host.conv2dBiasAct(Precision.BF16, g, x, w, bias, gradY, true, fused);
    host.conv2dGradInput(Precision.BF16, g, w, gradY, gradX);
    host.conv2dGradWeight(Precision.BF16, g, x, gradY, gradW);
    HostBuffer normal = bf16(size);
    HostBuffer sums = f32(2 * channels);
    HostBuffer gradNormal = bf16(size);
    HostBuffer added = bf16(size);
    HostBuffer masked = bf16(size);
    host.batchNormApply(
        y, statistics, bias, bias, fused, true, EPSILON, normal, rows, channels);
    host.batchNormSums(y, statistics, gradY, normal, EPSILON, sums, rows, channels);
    host.batchNormGradInput(
        y, statistics, bias, gradY, normal, sums, EPSILON, gradNormal, rows, channels);
    host.binary(BinaryOp.ADD, gradNormal, gradY, added);
    host.binary(BinaryOp.MASK, gradNormal, normal, masked);
    List<double[]> results = new ArrayList<>();
    for (HostBuffer result :
        List.of(
            y, statistics, fused, gradX, gradW, normal, sums, gradNormal, added, masked)) {
      results.add(read(result));
    }
    return results;
  }

  // ---------------------------------------------------------------- refusals and writes

  @Test
  void imagesOfOneCallAreAlike() {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 4, 4, 1, 1, 1, 0, 1);
    HostBuffer narrow = bf16(4);
    HostBuffer other = bf16(4);
    HostBuffer wide = f32(4);
    HostBuffer w = f32(16);
    HostBuffer two = f32(8);
    Precision p = Precision.BF16;
    refused(() -> host.conv2d(p, g, wide, w, narrow));
    refused(() -> host.conv2d(p, g, narrow, narrow, other));
    refused(() -> host.conv2dBiasAct(p, g, narrow, w, wide, wide, true, other));
    refused(() -> host.conv2dBiasAct(p, g, narrow, w, narrow, null, true, other));
    refused(() -> host.conv2dGradInput(p, g, w, narrow, wide));
    refused(() -> host.conv2dGradWeight(p, g, narrow, wide, w));
    refused(() -> host.conv2dGradWeight(p, g, narrow, other, bf16(16)));
    refused(() -> host.conv2dGradInput(Precision.FP32, g, w, narrow, other));
    refused(() -> host.batchNormStatistics(narrow, bf16(8), 1, 4));
    refused(
        () -> host.batchNormApply(narrow, two, wide, wide, wide, true, EPSILON, other, 1, 4));
    refused(
        () -> host.batchNormApply(narrow, two, wide, wide, null, true, EPSILON, wide, 1, 4));
    refused(
        () -> host.batchNormApply(wide, two, wide, wide, null, true, EPSILON, narrow, 1, 4));
    refused(() -> host.batchNormSums(narrow, two, wide, null, EPSILON, two, 1, 4));
    refused(() -> host.batchNormSums(wide, two, wide, narrow, EPSILON, two, 1, 4));
    refused(
        () ->
            host.batchNormGradInput(
                narrow, two, wide, other, wide, two, EPSILON, other, 1, 4));
    refused(() -> host.binary(BinaryOp.ADD, narrow, wide, other));
    refused(() -> host.binary(BinaryOp.ADD, wide, wide, other));
    refused(() -> host.binary(BinaryOp.MASK, wide, narrow, wide));
    Pool2dGeometry pixel = new Pool2dGeometry(1, 1, 1, 4, 1, 1, 0);
    HostBuffer places = allocate(DType.I32, 4);
    refused(() -> host.maxPool2d(pixel, narrow, wide, places));
    refused(() -> host.maxPool2d(pixel, wide, narrow, places));
    refused(() -> host.select(narrow, places, wide));
    refused(() -> host.scatter(wide, places, narrow));
    refused(() -> host.cast(narrow, other));
    refused(() -> host.matmul(p, narrow, false, w, false, wide, 1, 1, 4, 4));
    refused(() -> host.fill(narrow, 0));
    refused(() -> host.upload(new float[4], 0, narrow, 0, 4));
  }

  private static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BF16");
  }

  @Test
  void plainJavaStoresNone() {
    try (HostBackend plain = HostBackend.createPlain()) {
      assertThat(plain.storesBf16()).isFalse();
      assertThatThrownBy(() -> plain.allocate(DType.BF16, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("host: expected element type F32 or I32, got BF16");
    }
  }

  @Test
  void halfTheMemory() {
    long before = host.liveBytes();
    f32(1 << 20);
    long floats = host.liveBytes() - before;
    bf16(1 << 20);
    assertThat(host.liveBytes() - before - floats).isEqualTo(floats / 2);
  }

  /** What was derived from a buffer is stale when its images are written. */
  @Test
  void writesAreCounted() {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 4, 4, 1, 1, 1, 0, 1);
    Pool2dGeometry pixel = new Pool2dGeometry(1, 1, 1, 4, 1, 1, 0);
    HostBuffer places = allocate(DType.I32, 4);
    host.upload(new int[] {0, 1, 2, 3}, 0, places, 0, 4);
    HostBuffer x = numbers(4, 1);
    HostBuffer w = f32(16);
    host.fill(w, 1);
    HostBuffer two = f32(8);
    host.fill(two, 1);
    HostBuffer one = f32(4);
    host.fill(one, 1);
    List<BiConsumer<HostBackend, HostBuffer>> writers =
        List.of(
            (on, y) -> on.cast(one, y),
            (on, y) -> on.binary(BinaryOp.ADD, x, x, y),
            (on, y) -> on.binary(BinaryOp.MASK, x, x, y),
            (on, y) -> on.maxPool2d(pixel, x, y, places),
            (on, y) -> on.select(x, places, y),
            (on, y) -> on.scatter(x, places, y),
            (on, y) -> on.conv2d(Precision.BF16, g, x, w, y),
            (on, y) -> on.conv2dGradInput(Precision.BF16, g, w, x, y),
            (on, y) -> on.batchNormApply(x, two, one, one, null, true, EPSILON, y, 1, 4),
            (on, y) ->
                on.batchNormGradInput(x, two, one, x, null, two, EPSILON, y, 1, 4));
    for (BiConsumer<HostBackend, HostBuffer> writer : writers) {
      HostBuffer y = bf16(4);
      AtomicInteger closed = new AtomicInteger();
      y.derived(closed::incrementAndGet);
      x.derived(closed::incrementAndGet);
      writer.accept(host, y);
      assertThat(y.derived()).isNull();
      assertThat(x.derived()).isNotNull();
    }
  }

  // ---------------------------------------------------------------- helpers

  private double[] statistics(List<HostBuffer> images, int rows, int channels) {
    HostBuffer result = f32(2 * channels);
    host.batchNormStatistics(images.get(0), result, rows, channels);
    return read(result);
  }

  /** Images: x, what is added. */
  private void apply(
      List<HostBuffer> images, boolean fused, HostBuffer y, int rows, int channels) {
    HostBuffer given = ramp(2 * channels);
    HostBuffer gamma = ramp(channels);
    host.batchNormApply(
        images.get(0), given, gamma, ramp(channels), fused ? images.get(1) : null, fused,
        EPSILON, y, rows, channels);
  }

  /** Images: x, another, gradY, a rectifier's output. */
  private double[] sums(List<HostBuffer> images, boolean fused, int rows, int channels) {
    HostBuffer result = f32(2 * channels);
    host.batchNormSums(
        images.get(0), ramp(2 * channels), images.get(2), fused ? images.get(3) : null, EPSILON,
        result, rows, channels);
    return read(result);
  }

  private void gradInput(
      List<HostBuffer> images, boolean fused, HostBuffer y, int rows, int channels) {
    HostBuffer given = ramp(2 * channels);
    host.batchNormGradInput(
        images.get(0), given, ramp(channels), images.get(2), fused ? images.get(3) : null, given,
        EPSILON, y, rows, channels);
  }

  /** Numbers from a half to two, each channel's its own. */
  private HostBuffer ramp(int count) {
    HostBuffer buffer = f32(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 0.5f + 1.5f * (i * 7 % 16) / 16;
    }
    host.upload(values, 0, buffer, 0, count);
    return buffer;
  }

  private static void near(String what, double[] actual, double[] expected, double limit) {
    Tolerance.checkNorm(what, actual, expected, limit);
  }

  /** Standard normal numbers, stored. */
  private HostBuffer numbers(int count, long seed) {
    Philox random = new Philox(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.normal(0, i);
    }
    HostBuffer buffer = bf16(count);
    store(values, buffer);
    return buffer;
  }

  private void store(float[] values, HostBuffer target) {
    HostBuffer wide = f32(values.length);
    host.upload(values, 0, wide, 0, values.length);
    host.cast(wide, target);
  }

  private double[] read(HostBuffer buffer) {
    int count = (int) buffer.elements();
    HostBuffer wide = buffer;
    if (buffer.type() == DType.BF16) {
      wide = f32(count);
      host.cast(buffer, wide);
    }
    double[] values = new double[count];
    host.download(wide, 0, values, 0, count);
    return values;
  }

  private HostBuffer f32(int count) {
    return allocate(DType.F32, count);
  }

  private HostBuffer bf16(int count) {
    return allocate(DType.BF16, count);
  }

  private HostBuffer allocate(DType type, int count) {
    Buffer buffer = scope.add(host.allocate(type, count));
    return HostBuffer.of(buffer);
  }
}
