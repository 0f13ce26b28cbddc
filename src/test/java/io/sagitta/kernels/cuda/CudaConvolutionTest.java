package io.sagitta.kernels.cuda;

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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The large tiles of convolutions, which a small problem gets only where it occupies the device, on
 * the emulated driver: every tile and precision against the oracle, in every order of threads.
 */
class CudaConvolutionTest {
  /**
   * Pixels, channels and terms around 128, 64 and 32; a tall tile, a square one; two phases; then
   * the same with channels by eights, as bf16 is read, in groups, short of a block, and with as many
   * taps as are noted, and more.
   */
  private static final List<Conv2dGeometry> GEOMETRIES =
      List.of(
          new Conv2dGeometry(1, 12, 11, 12, 64, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 12, 11, 68, 72, 1, 1, 1, 0, 1),
          new Conv2dGeometry(1, 17, 16, 8, 132, 3, 3, 2, 1, 1),
          new Conv2dGeometry(1, 12, 11, 16, 64, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 12, 11, 72, 136, 1, 1, 1, 0, 1),
          new Conv2dGeometry(2, 17, 16, 8, 136, 3, 3, 2, 1, 1),
          new Conv2dGeometry(1, 9, 9, 48, 144, 3, 2, 1, 1, 2),
          new Conv2dGeometry(5, 5, 8, 72, 136, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 17, 17, 8, 64, 16, 16, 1, 7, 1),
          new Conv2dGeometry(1, 18, 18, 8, 64, 17, 2, 1, 1, 1));

  /**
   * 17 parts on a large device, which a block's threads share by threes, so that the last share is
   * short and some have none: a stem, whose channels are padded in bf16, groups of three outputs,
   * outputs of more than one block.
   */
  private static final List<Conv2dGeometry> OF_MANY_PARTS =
      List.of(
          new Conv2dGeometry(1, 68, 64, 3, 8, 3, 3, 1, 1, 1),
          new Conv2dGeometry(1, 68, 64, 4, 6, 1, 1, 1, 0, 2),
          new Conv2dGeometry(1, 68, 64, 5, 36, 1, 1, 1, 0, 1));

  private CudaSession session;
  private CudaTransfer transfer;
  private final List<CudaBuffer> buffers = new ArrayList<>();

  @BeforeEach
  void open() {
    session = EmulatedCuda.session();
    transfer = new CudaTransfer(session);
  }

  @AfterEach
  void close() {
    if (session != null) {
      buffers.forEach(Buffer::release);
      buffers.clear();
      session.close();
      session = null;
    }
  }

  static Stream<Arguments> all() {
    return GEOMETRIES.stream()
        .flatMap(g -> Stream.of(Precision.values()).map(p -> Arguments.of(g, p)));
  }

  /** In bf16 those of warpgroups, which the emulated device has unless it is said to be older. */
  @ParameterizedTest
  @MethodSource("all")
  void largeTilesAgreeWithTheOracle(Conv2dGeometry g, Precision precision) {
    agreesWithTheOracle(g, precision, DType.F32);
  }

  @ParameterizedTest
  @FieldSource("GEOMETRIES")
  void warpgroupsAgreeWithTheOracleOnImagesInBf16(Conv2dGeometry g) {
    agreesWithTheOracle(g, Precision.BF16, DType.BF16);
  }

  @ParameterizedTest
  @FieldSource("GEOMETRIES")
  void tilesOfOlderDevicesAgreeWithTheOracle(Conv2dGeometry g) {
    onAnOlderDevice(
        () -> {
          agreesWithTheOracle(g, Precision.BF16, DType.F32);
          agreesWithTheOracle(g, Precision.BF16, DType.BF16);
        });
  }

  /** 132 pixels, so that one block is whole and one is not. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void statisticsAreThoseOfWhatIsStored(Precision precision) {
    Conv2dGeometry g = new Conv2dGeometry(1, 12, 11, 16, 136, 3, 3, 1, 1, 1);
    hasTheStatisticsOfItsResult(g, precision, DType.F32);
    if (precision == Precision.BF16) {
      hasTheStatisticsOfItsResult(g, precision, DType.BF16);
      onAnOlderDevice(() -> hasTheStatisticsOfItsResult(g, precision, DType.BF16));
    }
  }

  private void hasTheStatisticsOfItsResult(Conv2dGeometry g, Precision precision, DType images) {
    CudaBuffer y = images(images, 5, g.outputElements());
    CudaBuffer statistics = upload(normals(6, 2L * g.outChannels()));
    new CudaConvolution(session, 1)
        .conv2dStatistics(
            precision, g, images(images, 1, g.inputElements()), null,
            upload(normals(2, g.weightElements())), y, statistics);
    float[] stored = download(y);
    int channels = g.outChannels();
    int rows = stored.length / channels;
    double[] expected = new double[2 * channels];
    for (int i = 0; i < stored.length; i++) {
      expected[i % channels] += (double) stored[i] / rows;
    }
    for (int i = 0; i < stored.length; i++) {
      double off = stored[i] - expected[i % channels];
      expected[channels + i % channels] += off * off / rows;
    }
    // Sums in float64, rounded once.
    Tolerance.checkNorm(precision + ", " + images, doubles(download(statistics)), expected, 1e-7);
  }

  private void onAnOlderDevice(Runnable test) {
    close();
    try {
      EmulatedCuda.command("capability", 80);
      open();
      test.run();
    } finally {
      EmulatedCuda.command("capability", 90);
    }
  }

  private void agreesWithTheOracle(Conv2dGeometry g, Precision precision, DType images) {
    CudaConvolution large = new CudaConvolution(session, 1);
    float[][] actual = compute(large, g, precision, images);
    float[][] expected = expected(g);
    for (int i = 0; i < actual.length; i++) {
      Tolerance.checkNorm(
          precision + ", " + images + ", result " + i + " of " + g, doubles(actual[i]),
          doubles(expected[i]), Tolerance.ofProducts(precision));
    }
  }

  static Stream<Arguments> ofManyParts() {
    return OF_MANY_PARTS.stream()
        .flatMap(
            g -> Stream.of(Precision.FP32, Precision.BF16).map(p -> Arguments.of(g, p)));
  }

  @ParameterizedTest
  @MethodSource("ofManyParts")
  void partsOfTheWeightsGradientAreAddedUp(Conv2dGeometry g, Precision precision) {
    CudaConvolution large = new CudaConvolution(session, 132);
    float[] actual = gradWeight(large, g, precision);
    Tolerance.checkNorm(
        precision + " of " + g, doubles(actual), doubles(expected(g)[3]),
        Tolerance.ofProducts(precision));
    try {
      for (String order : List.of("reverse", "random")) {
        EmulatedCuda.command("order", order);
        assertThat(gradWeight(large, g, precision)).as(order).isEqualTo(actual);
      }
    } finally {
      EmulatedCuda.command("order", "forward");
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void everyOrderOfThreadsGivesTheSameBits(Precision precision) {
    Conv2dGeometry g = new Conv2dGeometry(1, 9, 8, 8, 72, 3, 3, 2, 1, 1);
    CudaConvolution large = new CudaConvolution(session, 1);
    float[][] forward = compute(large, g, precision, DType.F32);
    try {
      for (String order : List.of("reverse", "random")) {
        EmulatedCuda.command("order", order);
        assertThat(compute(large, g, precision, DType.F32)).as(order).isDeepEqualTo(forward);
      }
    } finally {
      EmulatedCuda.command("order", "forward");
    }
  }

  @Test
  void refusesImagesThatDoNotFitItsCounters() {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 40000, 1, 1, 1, 1, 1, 0, 1);
    CudaBuffer image = upload(new float[40000]);
    CudaBuffer one = upload(new float[1]);
    assertThatThrownBy(
            () -> new CudaConvolution(session).conv2d(Precision.FP32, g, image, one, image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("conv2d: expected padded images of at most 32767 rows and columns, got 40000");
  }

  /** Results of all four forms. */
  private float[][] compute(
      CudaConvolution convolution, Conv2dGeometry g, Precision precision, DType images) {
    CudaBuffer x = images(images, 1, g.inputElements());
    CudaBuffer w = upload(normals(2, g.weightElements()));
    CudaBuffer bias = upload(normals(3, g.outChannels()));
    CudaBuffer gradY = images(images, 4, g.outputElements());
    CudaBuffer y = images(images, 5, g.outputElements());
    CudaBuffer fused = images(images, 5, g.outputElements());
    CudaBuffer gradX = images(images, 5, g.inputElements());
    CudaBuffer gradW = upload(normals(5, g.weightElements()));
    convolution.conv2d(precision, g, x, w, y);
    convolution.conv2dBiasAct(precision, g, x, w, bias, gradY, true, fused);
    convolution.conv2dGradInput(precision, g, w, gradY, gradX);
    convolution.conv2dGradWeight(precision, g, x, gradY, gradW);
    return new float[][] {download(y), download(fused), download(gradX), download(gradW)};
  }

  private float[] gradWeight(CudaConvolution convolution, Conv2dGeometry g, Precision precision) {
    CudaBuffer x = upload(normals(1, g.inputElements()));
    CudaBuffer gradY = upload(normals(4, g.outputElements()));
    CudaBuffer gradW = upload(normals(5, g.weightElements()));
    convolution.conv2dGradWeight(precision, g, x, gradY, gradW);
    return download(gradW);
  }

  private static float[][] expected(Conv2dGeometry g) {
    try (Backend oracle = new ReferenceBackend()) {
      Buffer x = upload(oracle, normals(1, g.inputElements()));
      Buffer w = upload(oracle, normals(2, g.weightElements()));
      Buffer bias = upload(oracle, normals(3, g.outChannels()));
      Buffer gradY = upload(oracle, normals(4, g.outputElements()));
      Buffer y = oracle.allocate(DType.F64, g.outputElements());
      Buffer fused = oracle.allocate(DType.F64, g.outputElements());
      Buffer gradX = oracle.allocate(DType.F64, g.inputElements());
      Buffer gradW = oracle.allocate(DType.F64, g.weightElements());
      oracle.conv2d(Precision.FP32, g, x, w, y);
      oracle.conv2dBiasAct(Precision.FP32, g, x, w, bias, gradY, true, fused);
      oracle.conv2dGradInput(Precision.FP32, g, w, gradY, gradX);
      oracle.conv2dGradWeight(Precision.FP32, g, x, gradY, gradW);
      return Stream.of(y, fused, gradX, gradW)
          .map(buffer -> download(oracle, buffer))
          .toArray(float[][]::new);
    }
  }

  private static float[] normals(int stream, long size) {
    Philox random = new Philox(stream);
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.normal(0, i);
    }
    return values;
  }

  private CudaBuffer upload(float[] values) {
    CudaBuffer buffer = session.scratch(DType.F32, values.length);
    buffers.add(buffer);
    transfer.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private CudaBuffer images(DType type, int stream, long size) {
    CudaBuffer values = upload(normals(stream, size));
    return values.type() == type ? values : converted(type, values);
  }

  private CudaBuffer converted(DType type, CudaBuffer values) {
    CudaBuffer converted = new CudaBf16(session).as(type, values);
    buffers.add(converted);
    return converted;
  }

  private float[] download(CudaBuffer buffer) {
    CudaBuffer from = buffer.type() == DType.F32 ? buffer : converted(DType.F32, buffer);
    float[] values = new float[Math.toIntExact(buffer.elements())];
    transfer.download(from, 0, values, 0, values.length);
    return values;
  }

  private static Buffer upload(Backend on, float[] values) {
    Buffer buffer = on.allocate(on.dtype(), values.length);
    on.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private static float[] download(Backend from, Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.elements())];
    from.download(buffer, 0, values, 0, values.length);
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
