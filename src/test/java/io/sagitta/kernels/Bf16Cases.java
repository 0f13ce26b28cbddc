package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Images stored as bfloat16 where a backend stores them, a refusal elsewhere. */
final class Bf16Cases {
  private static final double EPSILON = 1e-5;
  private static final boolean[] BOTH = {false, true};

  /** Half a unit of eight significant bits, and little beside it. */
  private static final double STORED = 0x1.1p-8;

  /** What sums in binary32 of thousands of terms may lose. */
  private static final double SUMMED = 1e-5;

  private Bf16Cases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("storesBf16", "only with products of bfloat16", Bf16Cases::says),
        new ConformanceCase(
            "storesDifferencesAsBf16", "only where images are", Bf16Cases::saysOfDifferences),
        cast("every kind of number", Bf16Cases::casts),
        cast("images that are added and masked", Bf16Cases::binary),
        cast("images that others refuse", Bf16Cases::refuses),
        cast("images of products", d -> geometries().forEach(g -> products(d, g))),
        cast("images of fused products", d -> geometries().forEach(g -> biasAct(d, g))),
        cast(
            "images with statistics",
            d ->
                geometries()
                    .forEach(
                        g -> NormConvolutionCases.forms(d, Precision.BF16, DType.BF16, g))),
        cast("images that are normalised", Bf16Cases::norms),
        cast("images that are pooled", d -> PoolCases.GEOMETRIES.forEach(g -> pool(d, g))),
        cast(
            "parts of central differences",
            d -> StencilCases.relu(d, DType.BF16, Tolerance.of(DType.BF16))),
        cast("what is not a number", Bf16Cases::notNumbers));
  }

  /** A case that casts its operands and results. */
  private static ConformanceCase cast(String title, Consumer<Duel> body) {
    return new ConformanceCase(
        "cast",
        title,
        d -> {
          if (d.subject().storesBf16()) {
            body.accept(d);
          } else {
            cannot(d);
          }
        });
  }

  /** Geometries with images, in tiles and out of them. */
  private static List<Conv2dGeometry> geometries() {
    List<Conv2dGeometry> list = new ArrayList<>(ConvolutionCases.tiledGeometries());
    list.add(new Conv2dGeometry(2, 8, 8, 16, 32, 3, 3, 2, 1, 1));
    list.add(new Conv2dGeometry(3, 6, 5, 8, 12, 5, 5, 1, 2, 4));
    list.add(new Conv2dGeometry(4, 4, 4, 64, 64, 3, 3, 1, 1, 1));
    list.add(new Conv2dGeometry(2, 8, 8, 24, 17, 3, 3, 1, 1, 1));
    return list;
  }

  private static void cannot(Duel d) {
    Backend b = d.subject();
    Buffer x = d.onSubject(d.of(1));
    assertThatThrownBy(() -> b.cast(x, x))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("expected a backend that stores bfloat16");
  }

  private static void says(Duel d) {
    if (d.subject().storesBf16()) {
      assertThat(d.subject().supports(Precision.BF16)).isTrue();
      assertThat(d.subject().dtype()).isEqualTo(DType.F32);
    }
  }

  private static void saysOfDifferences(Duel d) {
    if (d.subject().storesDifferencesAsBf16()) {
      assertThat(d.subject().storesBf16()).isTrue();
    }
  }

  private static void casts(Duel d) {
    double[] values = d.normals(4097);
    double[] special = {
      0, -0.0, 1, -1, 0x1.01p0, 0x1.03p0, 0x1.010002p0, 0x1.fep127, 0x1.ffp127, -0x1.ffp127,
      0x1p-126, 0x1p-133, 0x1p-134, 0x1.8p-134, 0x1p-149, Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY, Double.NaN
    };
    System.arraycopy(special, 0, values, 1, special.length);
    for (int size : new int[] {1, 7, 64, values.length}) {
      Duel.Pair x = d.of(Arrays.copyOf(values, size));
      Duel.Pair rounded = d.outputBf16(size);
      Duel.Pair back = d.output(size);
      Backend b = d.subject();
      b.cast(d.onSubject(x), d.onSubject(rounded));
      b.cast(d.onSubject(rounded), d.onSubject(back));
      double[] expected = Arrays.stream(x.initial()).map(Bf16::nearest).toArray();
      assertThat(d.actual(rounded)).isEqualTo(expected);
      assertThat(d.actual(back)).isEqualTo(expected);
    }
  }

  private static void binary(Duel d) {
    for (int size : new int[] {0, 1, 7, 64, 4099}) {
      Duel.Pair a = d.normalBf16(size);
      Duel.Pair b = d.normalBf16(size);
      Duel.Pair sum = d.outputBf16(size);
      Duel.Pair masked = d.outputBf16(size);
      Duel.Pair product = d.outputBf16(size);
      d.run(
          on -> {
            on.backend.binary(BinaryOp.ADD, on.at(a), on.at(b), on.at(sum));
            on.backend.binary(BinaryOp.MASK, on.at(a), on.at(b), on.at(masked));
          });
      d.check("sum", sum, Tolerance.of(DType.BF16));
      d.check("masked", masked, Tolerance.exact("nothing is computed"));
      assertThatThrownBy(
              () ->
                  d.subject().binary(
                      BinaryOp.MUL, d.onSubject(a), d.onSubject(b), d.onSubject(product)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("BF16");
      assertThat(d.actual(product)).hasSize(size);
    }
  }

  private static void refuses(Duel d) {
    Buffer x = d.onSubject(d.normalBf16(8));
    Buffer wide = d.onSubject(d.normal(8));
    Backend b = d.subject();
    assertThatThrownBy(() -> b.unary(UnaryOp.RELU, x, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BF16");
    assertThatThrownBy(() -> b.download(x, 0, new float[8], 0, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BF16");
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 8, 8, 1, 1, 1, 0, 1);
    Buffer w = d.onSubject(d.normal(64));
    assertThatThrownBy(() -> b.conv2d(Precision.FP32, g, x, w, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BF16");
    assertThatThrownBy(() -> b.conv2d(Precision.BF16, g, x, w, wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("BF16");
  }

  private static void products(Duel d, Conv2dGeometry g) {
    Duel.Pair x = d.normalBf16(g.inputElements());
    Duel.Pair w = d.normal(g.weightElements());
    Duel.Pair gradY = d.normalBf16(g.outputElements());
    Duel.Pair y = d.outputBf16(g.outputElements());
    Duel.Pair gradX = d.outputBf16(g.inputElements());
    Duel.Pair gradW = d.output(g.weightElements());
    d.run(
        on -> {
          Precision p = on.precision(Precision.BF16);
          Backend b = on.backend;
          b.conv2d(p, g, on.at(x), on.at(w), on.at(y));
          b.conv2dGradInput(p, g, on.at(w), on.at(gradY), on.at(gradX));
          b.conv2dGradWeight(p, g, on.at(x), on.at(gradY), on.at(gradW));
        });
    double limit = Tolerance.ofProducts(Precision.BF16);
    d.checkNorm("conv2d " + g, y, limit);
    d.checkNorm("conv2dGradInput " + g, gradX, limit);
    // Both operands are what they were stored as.
    d.checkNorm("conv2dGradWeight " + g, gradW, SUMMED);
  }

  private static void biasAct(Duel d, Conv2dGeometry g) {
    for (boolean relu : BOTH) {
      for (boolean add : BOTH) {
        Duel.Pair x = d.normalBf16(g.inputElements());
        Duel.Pair w = d.normal(g.weightElements());
        Duel.Pair bias = d.normal(g.outChannels());
        Duel.Pair residual = add ? d.normalBf16(g.outputElements()) : null;
        Duel.Pair y = d.outputBf16(g.outputElements());
        d.run(
            on ->
                on.backend.conv2dBiasAct(
                    on.precision(Precision.BF16), g, on.at(x), on.at(w), on.at(bias),
                    residual == null ? null : on.at(residual), relu, on.at(y)));
        d.checkNorm("conv2dBiasAct " + g, y, Tolerance.ofProducts(Precision.BF16));
      }
    }
  }

  /** What is not a number and equals too; a gradient is summed as floats and rounded once. */
  private static void pool(Duel d, Pool2dGeometry g) {
    double[] values = d.normals(Math.toIntExact(g.inputElements()));
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 31 == 7 ? Double.NaN : i % 3 == 0 ? Math.rint(values[i]) : values[i];
    }
    Duel.Pair x = d.bf16(values);
    Duel.Pair y = d.outputBf16(g.outputElements());
    Duel.Pair winners = d.outputIndices(g.outputElements());
    Duel.Pair selected = d.outputBf16(g.outputElements());
    d.run(
        on -> {
          on.backend.maxPool2d(g, on.at(x), on.at(y), on.at(winners));
          on.backend.select(on.at(x), on.at(winners), on.at(selected));
        });
    Tolerance exact = Tolerance.exact("numbers are chosen");
    d.check("maxima " + g, y, exact);
    d.check("winners " + g, winners, exact);
    d.check("selected " + g, selected, exact);

    Duel.Pair gradY = d.normalBf16(g.outputElements());
    Duel.Pair gradX = d.outputBf16(g.inputElements());
    Duel.Pair wideY = d.output(g.outputElements());
    Duel.Pair wideX = d.output(g.inputElements());
    Backend b = d.subject();
    b.scatter(d.onSubject(gradY), d.onSubject(winners), d.onSubject(gradX));
    b.cast(d.onSubject(gradY), d.onSubject(wideY));
    b.scatter(d.onSubject(wideY), d.onSubject(winners), d.onSubject(wideX));
    assertThat(d.actual(wideY)).isEqualTo(gradY.initial());
    assertThat(d.actual(gradX))
        .isEqualTo(Arrays.stream(d.actual(wideX)).map(Bf16::nearest).toArray());
  }

  private static void norms(Duel d) {
    int[][] shapes = {{2, 3}, {37, 16}, {300, 64}, {1200, 8}, {5, 130}, {64, 12}};
    for (int[] shape : shapes) {
      norm(d, shape[0], shape[1], false);
      norm(d, shape[0], shape[1], true);
    }
  }

  private static void norm(Duel d, int rows, int channels, boolean add) {
    long size = (long) rows * channels;
    Duel.Pair x = d.normalBf16(size);
    Duel.Pair gradY = d.normalBf16(size);
    Duel.Pair residual = add ? d.normalBf16(size) : null;
    Duel.Pair output = d.bf16(positive(d, size));
    Duel.Pair gamma = d.normal(channels);
    Duel.Pair beta = d.normal(channels);
    Duel.Pair of = NormConvolutionCases.statistics(d, channels);
    Duel.Pair given = d.normal(2L * channels);
    Duel.Pair statistics = d.output(2L * channels);
    Duel.Pair y = d.outputBf16(size);
    Duel.Pair sums = d.output(2L * channels);
    Duel.Pair masked = d.output(2L * channels);
    Duel.Pair again = d.output(2L * channels);
    Duel.Pair gradX = d.outputBf16(size);
    Duel.Pair maskedX = d.outputBf16(size);
    Duel.Pair againX = d.outputBf16(size);
    d.run(
        on -> {
          Backend b = on.backend;
          NormRelu norm = new NormRelu(on.at(of), on.at(gamma), on.at(beta), EPSILON);
          b.batchNormStatistics(on.at(x), on.at(statistics), rows, channels);
          b.batchNormApply(
              on.at(x), on.at(of), on.at(gamma), on.at(beta),
              residual == null ? null : on.at(residual), add, EPSILON, on.at(y), rows, channels);
          b.batchNormSums(
              on.at(x), on.at(of), on.at(gradY), null, EPSILON, on.at(sums), rows, channels);
          b.batchNormSums(
              on.at(x), on.at(of), on.at(gradY), on.at(output), EPSILON, on.at(masked), rows,
              channels);
          b.normReluSums(on.at(x), norm, on.at(gradY), on.at(again), rows, channels);
          b.batchNormGradInput(
              on.at(x), on.at(of), on.at(gamma), on.at(gradY), null, on.at(given), EPSILON,
              on.at(gradX), rows, channels);
          b.batchNormGradInput(
              on.at(x), on.at(of), on.at(gamma), on.at(gradY), on.at(output), on.at(given), EPSILON,
              on.at(maskedX), rows, channels);
          b.normReluGradInput(
              on.at(x), norm, on.at(gradY), on.at(given), on.at(againX), rows, channels);
        });
    String what = rows + " rows of " + channels;
    d.checkNorm("statistics of " + what, statistics, SUMMED);
    d.checkNorm("applied to " + what, y, STORED);
    d.checkNorm("sums of " + what, sums, SUMMED);
    d.checkNorm("masked sums of " + what, masked, SUMMED);
    d.checkNorm("sums again of " + what, again, SUMMED);
    d.checkNorm("gradient of " + what, gradX, STORED);
    d.checkNorm("masked gradient of " + what, maskedX, STORED);
    d.checkNorm("gradient again of " + what, againX, STORED);
  }

  /** A rectifier lets it pass, so that training sees when it diverges. */
  private static void notNumbers(Duel d) {
    double[] values = {1, -1, Double.NaN, 2, -3, Double.NaN, Double.POSITIVE_INFINITY, 4};
    int channels = values.length;
    for (int rows : new int[] {1, 40}) {
      double[] all = new double[rows * channels];
      for (int i = 0; i < all.length; i++) {
        all[i] = values[i % channels];
      }
      double[] normal = new double[2 * channels];
      Arrays.fill(normal, channels, 2 * channels, 1);
      double[] ones = new double[channels];
      Arrays.fill(ones, 1);
      Duel.Pair x = d.bf16(all);
      Duel.Pair statistics = d.of(normal);
      Duel.Pair gamma = d.of(ones);
      Duel.Pair beta = d.of(new double[channels]);
      for (boolean add : BOTH) {
        Duel.Pair residual = add ? d.bf16(new double[all.length]) : null;
        Duel.Pair y = d.outputBf16(all.length);
        d.run(
            on ->
                on.backend.batchNormApply(
                    on.at(x), on.at(statistics), on.at(gamma), on.at(beta),
                    residual == null ? null : on.at(residual), true, 0, on.at(y), rows, channels));
        d.check("rectified", y, Tolerance.of(DType.BF16));
      }
      Duel.Pair ofX = d.output(2L * channels);
      d.run(on -> on.backend.batchNormStatistics(on.at(x), on.at(ofX), rows, channels));
      double[] found = d.actual(ofX);
      assertThat(new double[] {found[2], found[5], found[channels + 2], found[channels + 5]})
          .containsOnly(Double.NaN);
    }
  }

  /** A rectifier's output, zero every now and then. */
  private static double[] positive(Duel d, long size) {
    double[] values = d.normals(Math.toIntExact(size));
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
    return values;
  }
}
