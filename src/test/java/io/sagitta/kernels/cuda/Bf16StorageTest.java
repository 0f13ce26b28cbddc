package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Images stored as bf16 take the same sums as the same numbers stored as float32, and one rounding
 * more: results agree bit for bit, whatever tile, vector or place in memory a kernel is for.
 */
class Bf16StorageTest {
  private static final double EPSILON = 1e-5;
  private static final boolean[] BOTH = {false, true};

  /**
   * Every tile, outputs in pairs and not, channels by eights on one side, on both and on none,
   * groups, phases without taps.
   */
  private static final List<Conv2dGeometry> GEOMETRIES =
      List.of(
          new Conv2dGeometry(1, 12, 11, 16, 64, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 12, 11, 72, 136, 1, 1, 1, 0, 1),
          new Conv2dGeometry(2, 9, 8, 8, 70, 3, 3, 2, 1, 1),
          new Conv2dGeometry(1, 9, 9, 48, 144, 3, 2, 1, 1, 2),
          new Conv2dGeometry(1, 8, 8, 16, 17, 1, 1, 2, 0, 1),
          new Conv2dGeometry(2, 9, 8, 3, 16, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 5, 5, 6, 9, 3, 3, 1, 1, 3));

  /** Elements that images and results stand behind the beginning of their memory. */
  private static final int[][] PLACES = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {2, 4}};

  /** The same, where both types can be read by four or neither. */
  private static final int[][] NORM_PLACES = {{0, 0}, {1, 1}, {2, 2}, {4, 4}, {0, 1}, {2, 4}};

  /** Rows and channels: one channel a thread and four, parts of one block and of several. */
  private static final int[][] ROWS = {{5, 3}, {37, 16}, {300, 64}, {9, 132}};

  private CudaSession session;
  private CudaTransfer transfer;
  private CudaBf16 bf16;
  private CudaBatchNorm batchNorm;
  private final List<CudaBuffer> buffers = new ArrayList<>();
  private int stream;

  /** The same numbers stored both ways. */
  private record Images(CudaBuffer bf16, CudaBuffer wide) {
    CudaBuffer at(DType type) {
      return type == DType.BF16 ? bf16 : wide;
    }
  }

  @BeforeEach
  void open() {
    session = EmulatedCuda.session();
    transfer = new CudaTransfer(session);
    bf16 = new CudaBf16(session);
    batchNorm = new CudaBatchNorm(session);
  }

  @AfterEach
  void close() {
    if (session != null) {
      buffers.forEach(Buffer::release);
      session.close();
    }
  }

  static Stream<Arguments> convolutions() {
    return GEOMETRIES.stream()
        .flatMap(g -> Stream.of(PLACES).map(p -> Arguments.of(g, p[0], p[1])));
  }

  static Stream<Arguments> norms() {
    return Stream.of(ROWS)
        .flatMap(s -> Stream.of(NORM_PLACES).map(p -> Arguments.of(s[0], s[1], p[0], p[1])));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionsRoundOnceMore(Conv2dGeometry g, int from, int to) {
    // Tiles as large as a device gets for images of training.
    CudaConvolution convolution = new CudaConvolution(session, 1);
    Images x = images(g.inputElements(), from);
    Images gradY = images(g.outputElements(), from);
    Images residual = images(g.outputElements(), from);
    CudaBuffer w = floats(g.weightElements());
    CudaBuffer bias = floats(g.outChannels());
    Images y = results(g.outputElements(), to);
    Images gradX = results(g.inputElements(), to);
    Images gradW = new Images(floats(g.weightElements()), floats(g.weightElements()));
    for (DType type : List.of(DType.BF16, DType.F32)) {
      convolution.conv2d(Precision.BF16, g, x.at(type), w, y.at(type));
      convolution.conv2dGradInput(Precision.BF16, g, w, gradY.at(type), gradX.at(type));
      convolution.conv2dGradWeight(Precision.BF16, g, x.at(type), gradY.at(type), gradW.at(type));
    }
    assertRounded("y", y);
    assertRounded("gradX", gradX);
    assertThat(download(gradW.bf16)).as("gradW").isEqualTo(download(gradW.wide));
    for (boolean relu : BOTH) {
      for (boolean add : BOTH) {
        Images fused = results(g.outputElements(), to);
        for (DType type : List.of(DType.BF16, DType.F32)) {
          convolution.conv2dBiasAct(
              Precision.BF16, g, x.at(type), w, bias, add ? residual.at(type) : null, relu,
              fused.at(type));
        }
        assertRounded("relu " + relu + ", residual " + add, fused);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutionsWithStatisticsRoundOnceMore(Conv2dGeometry g, int from, int to) {
    CudaConvolution convolution = new CudaConvolution(session, 1);
    Images x = images(g.inputElements(), from);
    Images gradY = images(g.outputElements(), from);
    CudaBuffer w = floats(g.weightElements());
    NormRelu norm = norm(g.inChannels());
    CudaBuffer statistics = floats(2L * g.outChannels());
    List<NormRelu> norms = new ArrayList<>();
    norms.add(null);
    if (CudaConvolution.readsNormalized(Precision.BF16, g, x.bf16)) {
      norms.add(norm);
    }
    for (NormRelu each : norms) {
      Images y = results(g.outputElements(), to);
      for (DType type : List.of(DType.F32, DType.BF16)) {
        convolution.conv2dStatistics(
            Precision.BF16, g, x.at(type), each, w, y.at(type), statistics);
      }
      assertRounded("y", y);
      CudaBuffer stored = floats(2L * g.outChannels());
      batchNorm.batchNormStatistics(
          y.bf16, stored, g.outputElements() / g.outChannels(), g.outChannels());
      Tolerance.checkNorm(
          "statistics of the numbers stored", doubles(statistics), doubles(stored), 1e-6);
    }
    if (CudaConvolution.readsNormalized(Precision.BF16, g, x.bf16, gradY.bf16)) {
      Images gradW = new Images(floats(g.weightElements()), floats(g.weightElements()));
      for (DType type : List.of(DType.BF16, DType.F32)) {
        convolution.conv2dGradWeight(
            Precision.BF16, g, x.at(type), norm, gradY.at(type), gradW.at(type));
      }
      assertThat(download(gradW.bf16)).as("gradW").isEqualTo(download(gradW.wide));
    }
  }

  @ParameterizedTest
  @MethodSource("norms")
  void normalisationRoundsOnceMore(int rows, int channels, int from, int to) {
    Images x = images((long) rows * channels, from);
    Images residual = images((long) rows * channels, to);
    CudaBuffer gamma = floats(channels);
    CudaBuffer beta = floats(channels);
    CudaBuffer of = CudaBuffer.of(norm(channels).statistics());
    Images statistics = new Images(floats(2L * channels), floats(2L * channels));
    for (DType type : List.of(DType.BF16, DType.F32)) {
      batchNorm.batchNormStatistics(x.at(type), statistics.at(type), rows, channels);
    }
    assertThat(download(statistics.bf16)).isEqualTo(download(statistics.wide));
    for (boolean relu : BOTH) {
      for (boolean add : BOTH) {
        Images y = results((long) rows * channels, to);
        for (DType type : List.of(DType.BF16, DType.F32)) {
          batchNorm.batchNormApply(
              x.at(type), of, gamma, beta, add ? residual.at(type) : null, relu, EPSILON,
              y.at(type), rows, channels);
        }
        assertRounded("relu " + relu + ", residual " + add, y);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("norms")
  void normalisationsGradientRoundsOnceMore(int rows, int channels, int from, int to) {
    long size = (long) rows * channels;
    Images x = images(size, from);
    Images gradY = images(size, from);
    Images output = images(size, to);
    NormRelu norm = norm(channels);
    CudaBuffer of = CudaBuffer.of(norm.statistics());
    CudaBuffer gamma = CudaBuffer.of(norm.gamma());
    Images[] sums = new Images[3];
    Images[] gradX = new Images[3];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = new Images(floats(2L * channels), floats(2L * channels));
      gradX[i] = results(size, to);
    }
    for (DType type : List.of(DType.BF16, DType.F32)) {
      for (int i = 0; i < 2; i++) {
        CudaBuffer y = i == 0 ? null : output.at(type);
        batchNorm.batchNormSums(
            x.at(type), of, gradY.at(type), y, EPSILON, sums[i].at(type), rows, channels);
        batchNorm.batchNormGradInput(
            x.at(type), of, gamma, gradY.at(type), y, sums[i].at(type), EPSILON,
            gradX[i].at(type), rows, channels);
      }
      batchNorm.normReluSums(
          x.at(type), norm, gradY.at(type), sums[2].at(type), rows, channels);
      batchNorm.normReluGradInput(
          x.at(type), norm, gradY.at(type), sums[2].at(type), gradX[2].at(type), rows, channels);
    }
    for (int i = 0; i < sums.length; i++) {
      assertThat(download(sums[i].bf16)).as("sums").isEqualTo(download(sums[i].wide));
      assertRounded("gradX", gradX[i]);
    }
  }

  /** Also those that would be infinite if their lower half were cut off. */
  @Test
  void whatIsNotANumberStaysSo() {
    int[] bits = {0x7f800001, 0x7f80ffff, 0x7fffffff, 0xff800001, 0xffc00000, 0x7fc00000};
    for (int size : new int[] {bits.length, 8 * bits.length}) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = Float.intBitsToFloat(bits[i % bits.length]);
      }
      CudaBuffer x = upload(values);
      CudaBuffer y = kept(session.scratch(DType.BF16, size));
      CudaBuffer back = kept(session.scratch(DType.F32, size));
      bf16.cast(x, y);
      bf16.cast(y, back);
      for (float value : download(back)) {
        assertThat(value).isNaN();
        assertThat(Float.floatToRawIntBits(value) & 0x00400000).as("quiet").isNotZero();
      }
    }
  }

  @Test
  void refusesImagesOfTwoTypesAndOthersThanImages() {
    try (Backend b = EmulatedCuda.open()) {
      Buffer x = b.allocate(DType.BF16, 64);
      Buffer wide = b.allocate(DType.F32, 64);
      Buffer eight = b.allocate(DType.F32, 8);
      Conv2dGeometry g = new Conv2dGeometry(8, 1, 1, 8, 8, 1, 1, 1, 0, 1);
      long[] all = {64};
      long[] one = {1};
      refuses(
          "BF16, got F32",
          () -> b.conv2dBiasAct(Precision.BF16, g, x, wide, eight, wide, true, x));
      refuses("BF16, got F32", () -> b.conv2dGradWeight(Precision.BF16, g, x, wide, wide));
      refuses("F32, got BF16", () -> b.conv2dGradInput(Precision.BF16, g, wide, wide, x));
      refuses("F32, got BF16", () -> b.conv2d(Precision.BF16, g, x, x, x));
      refuses(
          "F32 for products in tf32, got BF16",
          () -> b.conv2dStatistics(Precision.TF32, g, x, wide, x, eight));
      refuses("F32, got BF16", () -> b.batchNormStatistics(x, x, 8, 8));
      refuses(
          "BF16, got F32",
          () -> b.batchNormApply(x, wide, eight, eight, wide, true, EPSILON, x, 8, 8));
      refuses("BF16, got F32", () -> b.binary(BinaryOp.ADD, x, wide, x));
      refuses("F32, got BF16", () -> b.binary(BinaryOp.ADD, x, one, x, one, x, all));
      refuses("F32, got BF16", () -> b.copy(x, 0, one, x, 0, one, all));
      refuses("F32, got BF16", () -> b.upload(new float[1], 0, x, 0, 1));
      refuses("F32, got BF16", () -> b.fill(x, 0));
      refuses("F32, got BF16", () -> b.matmul(Precision.BF16, x, false, x, false, x, 1, 8, 8, 8));
      refuses("F32 to BF16 or back, got F32 to F32", () -> b.cast(wide, wide));
      refuses("F32 to BF16 or back, got BF16 to BF16", () -> b.cast(x, x));
      List.of(x, wide, eight).forEach(Buffer::release);
    }
  }

  private static void refuses(String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cuda: ")
        .hasMessageContaining("expected ")
        .hasMessageEndingWith(message);
  }

  /** The one's numbers are the other's, rounded, and all of them were written. */
  private void assertRounded(String what, Images results) {
    CudaBuffer rounded = kept(bf16.as(DType.BF16, results.wide));
    float[] actual = download(kept(bf16.as(DType.F32, results.bf16)));
    assertThat(actual).as(what).isEqualTo(download(kept(bf16.as(DType.F32, rounded))));
    assertThat(actual).as(what).doesNotContain(Float.NaN);
  }

  /** Numbers that bf16 has. */
  private Images images(long size, int from) {
    CudaBuffer values = floats(size);
    CudaBuffer rounded = place(DType.BF16, size, from);
    bf16.cast(values, rounded);
    CudaBuffer wide = place(DType.F32, size, from);
    bf16.cast(rounded, wide);
    return new Images(rounded, wide);
  }

  /** Memory full of NaN. */
  private Images results(long size, int from) {
    return new Images(place(DType.BF16, size, from), place(DType.F32, size, from));
  }

  private CudaBuffer place(DType type, long size, int from) {
    return kept(kept(session.scratch(type, from + size)).slice(from, size));
  }

  /** Means near 0 and variances of about 1. */
  private NormRelu norm(int channels) {
    float[] statistics = normals(2L * channels);
    for (int c = channels; c < 2 * channels; c++) {
      statistics[c] = 0.5f + Math.abs(statistics[c]);
    }
    return new NormRelu(upload(statistics), floats(channels), floats(channels), EPSILON);
  }

  private CudaBuffer floats(long size) {
    return upload(normals(size));
  }

  private float[] normals(long size) {
    Philox random = new Philox(stream++);
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.normal(0, i);
    }
    return values;
  }

  private CudaBuffer upload(float[] values) {
    CudaBuffer buffer = kept(session.scratch(DType.F32, values.length));
    transfer.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private CudaBuffer kept(CudaBuffer buffer) {
    buffers.add(buffer);
    return buffer;
  }

  private double[] doubles(CudaBuffer buffer) {
    double[] values = new double[Math.toIntExact(buffer.elements())];
    transfer.download(buffer, 0, values, 0, values.length);
    return values;
  }

  private float[] download(CudaBuffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.elements())];
    transfer.download(buffer, 0, values, 0, values.length);
    return values;
  }
}
