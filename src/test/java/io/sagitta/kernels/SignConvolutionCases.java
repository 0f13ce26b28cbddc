package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Convolutions whose images are random signs, beside those of the same signs stored. */
final class SignConvolutionCases {
  private SignConvolutionCases() {}

  static List<ConformanceCase> all() {
    Stream<ConformanceCase> exact =
        Stream.of(
            new ConformanceCase("conv2dOfSigns", "every geometry", SignConvolutionCases::forward),
            new ConformanceCase(
                "conv2dOfSigns", "the bits of stored signs", SignConvolutionCases::bits));
    Stream<ConformanceCase> precisions =
        Arrays.stream(Precision.values())
            .map(
                p ->
                    new ConformanceCase(
                        "conv2dOfSigns", p + ", or a clear refusal", d -> precision(d, p)));
    return Stream.concat(exact, precisions).toList();
  }

  /**
   * Windows of a block of 64 pixels: within an image, over several, over many small ones, with gaps
   * between, one that takes more bits than a block of threads has room for.
   */
  private static List<Conv2dGeometry> geometries() {
    List<Conv2dGeometry> list = new ArrayList<>(ConvolutionCases.geometries());
    list.addAll(ConvolutionCases.tiledGeometries());
    list.add(new Conv2dGeometry(3, 32, 32, 3, 16, 3, 3, 1, 1, 1));
    list.add(new Conv2dGeometry(2, 30, 31, 3, 8, 7, 7, 2, 3, 1));
    list.add(new Conv2dGeometry(70, 5, 3, 3, 5, 3, 3, 2, 0, 1));
    list.add(new Conv2dGeometry(5, 16, 16, 3, 7, 4, 4, 4, 0, 1));
    list.add(new Conv2dGeometry(9, 11, 11, 1, 4, 2, 2, 5, 0, 1));
    list.add(new Conv2dGeometry(66, 48, 48, 3, 2, 48, 48, 1, 0, 1));
    return list;
  }

  private static void forward(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      Case c = new Case(d, g, 1e-3, -1e-3);
      long terms = (long) g.groupInChannels() * g.kernelHeight() * g.kernelWidth();
      d.runOnMagnitudesToo(on -> c.run(on, Precision.FP32));
      double[] scale = new double[c.y.size()];
      Arrays.fill(scale, 2e-3 * Math.sqrt(terms));
      d.check(g.toString(), c.y, d.elementwise().summing(terms), scale);
      d.checkNorm(g.toString(), c.y, Tolerance.ofProducts(Precision.FP32));
    }
  }

  /** One stream alone, and both, give what the same signs give that were stored. */
  private static void bits(Duel d) {
    Conv2dGeometry g = new Conv2dGeometry(3, 10, 9, 3, 12, 3, 3, 1, 1, 1);
    for (double second : new double[] {0, 0.25}) {
      Case c = new Case(d, g, 0.25, second);
      Duel.Pair x = d.output(g.inputElements());
      Duel.Pair y = d.output(g.outputElements());
      d.run(
          on -> {
            c.run(on, Precision.FP32);
            on.backend.rademacher(c.signs(on), on.at(x));
            on.backend.conv2d(Precision.FP32, g, on.at(x), on.at(c.w), on.at(y));
          });
      Tolerance.exact("the same sums of the same numbers")
          .check("signs, second weight " + second, d.actual(c.y), d.actual(y));
      d.check("stored signs", x, Tolerance.exact("the same bits"));
    }
  }

  private static void precision(Duel d, Precision precision) {
    Conv2dGeometry g = new Conv2dGeometry(2, 9, 8, 3, 16, 3, 3, 1, 1, 1);
    Case c = new Case(d, g, 1e-3, 1e-3);
    if (d.subject().supports(precision)) {
      d.run(on -> c.run(on, on.precision(precision)));
      d.checkNorm(precision.toString(), c.y, Tolerance.ofProducts(precision));
    } else {
      assertThatThrownBy(() -> d.run(on -> c.run(on, on.precision(precision))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(precision.toString());
      d.actual(c.y);
    }
  }

  /** The arguments of one convolution. */
  private static final class Case {
    final Conv2dGeometry g;
    final Duel.Pair keys;
    final Duel.Pair weights;
    final Duel.Pair w;
    final Duel.Pair y;

    Case(Duel d, Conv2dGeometry g, double first, double second) {
      this.g = g;
      keys = d.indices(ImageCases.keys(42, g.batch()));
      weights = d.of(first, second);
      w = d.normal(g.weightElements());
      y = d.output(g.outputElements());
    }

    RandomSigns signs(Duel.Side on) {
      return new RandomSigns(on.at(keys), on.at(weights));
    }

    void run(Duel.Side on, Precision precision) {
      on.backend.conv2dOfSigns(precision, g, signs(on), on.at(w), on.at(y));
    }
  }
}
