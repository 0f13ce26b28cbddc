package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Convolutions that give statistics and read normalised images, and what their gradients need. */
final class NormConvolutionCases {
  private static final double EPSILON = 1e-5;

  private NormConvolutionCases() {}

  static List<ConformanceCase> all() {
    Stream<ConformanceCase> exact = Stream.of(
        new ConformanceCase(
            "conv2dStatistics", "every geometry", d -> all(d, ConvolutionCases.geometries())),
        new ConformanceCase(
            "conv2dStatistics", "keeps digits far from zero", NormConvolutionCases::offCentre),
        new ConformanceCase(
            "fusesNormalization", "on a GPU, where memory is what limits", NormConvolutionCases::choice),
        new ConformanceCase(
            "normReluSums", "as with the output kept", NormConvolutionCases::backward),
        new ConformanceCase(
            "normReluGradInput", "as with the output kept", NormConvolutionCases::backward));
    Stream<ConformanceCase> precisions =
        Arrays.stream(Precision.values())
            .flatMap(
                p ->
                    Stream.of("normReluConv2d", "normReluConv2dGradWeight")
                        .map(name -> new ConformanceCase(name, p.toString(), d -> tiled(d, p))));
    return Stream.concat(exact, precisions).toList();
  }

  private static void all(Duel d, List<Conv2dGeometry> geometries) {
    for (Conv2dGeometry g : geometries) {
      if (g.batch() > 0) {
        forms(d, Precision.FP32, d.subject().dtype(), g);
      }
    }
    Conv2dGeometry empty = new Conv2dGeometry(0, 5, 5, 4, 3, 3, 3, 1, 1, 1);
    Duel.Pair w = d.normal(empty.weightElements());
    Duel.Pair nothing = d.output(0);
    Duel.Pair statistics = d.output(6);
    d.run(
        on ->
            on.backend.conv2dStatistics(
                Precision.FP32, empty, on.at(nothing), on.at(w), on.at(nothing),
                on.at(statistics)));
    assertThat(d.actual(nothing)).isEmpty();
    assertThat(d.actual(statistics)).containsOnly(Double.NaN);
  }

  private static void tiled(Duel d, Precision precision) {
    if (d.subject().supports(precision)) {
      ConvolutionCases.tiledGeometries()
          .forEach(g -> forms(d, precision, d.subject().dtype(), g));
    } else {
      refusals(d, precision);
    }
  }

  private static void refusals(Duel d, Precision precision) {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 1, 1, 1, 1, 1, 0, 1);
    Backend b = d.subject();
    Buffer one = d.onSubject(d.of(1));
    NormRelu norm = new NormRelu(d.onSubject(d.of(1, 1)), one, one, EPSILON);
    Buffer two = d.onSubject(d.of(1, 1));
    refuses(precision, () -> b.normReluConv2d(precision, g, one, norm, one, one, two));
    refuses(precision, () -> b.normReluConv2dGradWeight(precision, g, one, norm, one, one));
  }

  private static void refuses(Precision precision, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(precision.toString());
  }

  /**
   * @param stored how the subject stores images
   */
  static void forms(Duel d, Precision precision, DType stored, Conv2dGeometry g) {
    Duel.Pair x = d.normal(stored, g.inputElements());
    Duel.Pair w = d.normal(g.weightElements());
    Duel.Pair gradY = d.normal(stored, g.outputElements());
    Duel.Pair of = statistics(d, g.inChannels());
    Duel.Pair gamma = d.normal(g.inChannels());
    Duel.Pair beta = d.normal(g.inChannels());
    Duel.Pair plain = d.output(stored, g.outputElements());
    Duel.Pair ofPlain = d.output(2L * g.outChannels());
    Duel.Pair y = d.output(stored, g.outputElements());
    Duel.Pair ofY = d.output(2L * g.outChannels());
    Duel.Pair gradW = d.output(g.weightElements());
    d.run(
        on -> {
          Precision p = on.precision(precision);
          NormRelu norm = new NormRelu(on.at(of), on.at(gamma), on.at(beta), EPSILON);
          Backend b = on.backend;
          b.conv2dStatistics(p, g, on.at(x), on.at(w), on.at(plain), on.at(ofPlain));
          b.normReluConv2d(p, g, on.at(x), norm, on.at(w), on.at(y), on.at(ofY));
          b.normReluConv2dGradWeight(p, g, on.at(x), norm, on.at(gradY), on.at(gradW));
        });
    double limit = Tolerance.ofProducts(precision);
    d.checkNorm(precision + " conv2dStatistics " + g, plain, limit);
    d.checkNorm(precision + " normReluConv2d " + g, y, limit);
    d.checkNorm(precision + " normReluConv2dGradWeight " + g, gradW, limit);
    checkStatistics(d, g, plain, ofPlain, 1e-6);
    checkStatistics(d, g, y, ofY, 1e-6);
  }

  /** Against those of the very numbers that the subject calls y, in float64. */
  static void checkStatistics(
      Duel d, Conv2dGeometry g, Duel.Pair y, Duel.Pair statistics, double limit) {
    int channels = g.outChannels();
    double[] values = d.actual(y);
    double[] expected = new double[2 * channels];
    double[] scale = new double[2 * channels];
    int rows = values.length / channels;
    for (int i = 0; i < values.length; i++) {
      expected[i % channels] += values[i] / rows;
    }
    for (int i = 0; i < values.length; i++) {
      double off = values[i] - expected[i % channels];
      expected[channels + i % channels] += off * off / rows;
    }
    for (int c = 0; c < channels; c++) {
      scale[channels + c] = expected[channels + c];
      scale[c] = Math.abs(expected[c]) + Math.sqrt(expected[channels + c]);
    }
    Tolerance.override(limit, 0, "sums are in float64, the results rounded once")
        .check("statistics of " + g, d.actual(statistics), expected, scale);
  }

  /** Means a thousand deviations from zero, over several tiles of pixels. */
  private static void offCentre(Duel d) {
    Conv2dGeometry g = new Conv2dGeometry(3, 13, 11, 8, 6, 1, 1, 1, 0, 1);
    double[] values = d.normals((int) g.inputElements());
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] + 1000;
    }
    double[] weights = new double[(int) g.weightElements()];
    Arrays.fill(weights, 0.125);
    Duel.Pair x = d.of(values);
    Duel.Pair w = d.of(weights);
    Duel.Pair y = d.output(g.outputElements());
    Duel.Pair statistics = d.output(2L * g.outChannels());
    d.run(
        on ->
            on.backend.conv2dStatistics(
                Precision.FP32, g, on.at(x), on.at(w), on.at(y), on.at(statistics)));
    // The host centres in float32.
    checkStatistics(d, g, y, statistics, d.subject().fusesNormalization() ? 1e-6 : 2e-4);
  }

  private static void choice(Duel d) {
    boolean gpu = d.subject().name().startsWith("cuda");
    assertThat(d.subject().fusesNormalization()).isEqualTo(gpu);
  }

  /** What is computed again is what would have been kept, to the bit. */
  private static void backward(Duel d) {
    int[][] shapes = {{1, 1}, {2, 3}, {65, 17}, {129, 64}, {40, 260}};
    for (int[] s : shapes) {
      Duel.Pair x = d.normal((long) s[0] * s[1]);
      Duel.Pair of = statistics(d, s[1]);
      Duel.Pair gamma = d.normal(s[1]);
      Duel.Pair beta = d.normal(s[1]);
      Duel.Pair gradY = d.normal(x.size());
      Duel.Pair y = d.output(x.size());
      Duel.Pair sums = d.output(2L * s[1]);
      Duel.Pair gradX = d.output(x.size());
      Duel.Pair keptSums = d.output(2L * s[1]);
      Duel.Pair keptGradX = d.output(x.size());
      d.run(
          on -> {
            Backend b = on.backend;
            NormRelu norm = new NormRelu(on.at(of), on.at(gamma), on.at(beta), EPSILON);
            b.batchNormApply(
                on.at(x), on.at(of), on.at(gamma), on.at(beta), null, true, EPSILON, on.at(y),
                s[0], s[1]);
            b.batchNormSums(
                on.at(x), on.at(of), on.at(gradY), on.at(y), EPSILON, on.at(keptSums), s[0],
                s[1]);
            b.batchNormGradInput(
                on.at(x), on.at(of), on.at(gamma), on.at(gradY), on.at(y), on.at(keptSums),
                EPSILON, on.at(keptGradX), s[0], s[1]);
            b.normReluSums(on.at(x), norm, on.at(gradY), on.at(sums), s[0], s[1]);
            b.normReluGradInput(
                on.at(x), norm, on.at(gradY), on.at(sums), on.at(gradX), s[0], s[1]);
          });
      String what = s[0] + " rows of " + s[1];
      d.checkNorm(what, y, 1e-6);
      assertThat(d.actual(sums)).as(what).containsExactly(d.actual(keptSums));
      assertThat(d.actual(gradX)).as(what).containsExactly(d.actual(keptGradX));
    }
  }

  /** Means near 0 and variances from a half to 2. */
  static Duel.Pair statistics(Duel d, int channels) {
    double[] both = Arrays.copyOf(d.normals(channels), 2 * channels);
    for (int c = 0; c < channels; c++) {
      both[channels + c] = 0.5 + 1.5 * c / channels;
    }
    return d.of(both);
  }
}
