package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The three forms of convolution and the fused one. */
final class ConvolutionCases {
  private static final boolean[] BOTH = {false, true};

  private ConvolutionCases() {}

  static List<ConformanceCase> all() {
    Stream<ConformanceCase> exact = Stream.of(
        new ConformanceCase("conv2d", "every geometry", ConvolutionCases::forward),
        new ConformanceCase("conv2dGradInput", "every geometry", ConvolutionCases::gradInput),
        new ConformanceCase("conv2dGradInput", "is the adjoint in x", ConvolutionCases::adjoint),
        new ConformanceCase("conv2dGradWeight", "every geometry", ConvolutionCases::gradWeight),
        new ConformanceCase("conv2dGradWeight", "is the adjoint in w", ConvolutionCases::adjoint),
        new ConformanceCase("conv2dBiasAct", "every geometry", ConvolutionCases::biasAct));
    Stream<ConformanceCase> precisions =
        Arrays.stream(Precision.values())
            .map(
                p ->
                    new ConformanceCase(
                        "conv2d", p + " in all forms, or a clear refusal", d -> allForms(d, p)));
    return Stream.concat(exact, precisions).toList();
  }

  /**
   * Around the tiles of 64 and 128 pixels or channels and 32 terms of a GPU: channels in fours and
   * not, a stem, strides, groups, many pixels to few weights.
   */
  static List<Conv2dGeometry> tiledGeometries() {
    return List.of(
        new Conv2dGeometry(1, 8, 8, 32, 64, 3, 3, 1, 1, 1),
        new Conv2dGeometry(1, 9, 7, 12, 68, 3, 3, 2, 1, 1),
        new Conv2dGeometry(1, 8, 8, 64, 72, 1, 1, 2, 0, 1),
        new Conv2dGeometry(2, 9, 8, 3, 16, 3, 3, 1, 1, 1),
        new Conv2dGeometry(1, 13, 12, 4, 4, 7, 7, 3, 2, 1),
        new Conv2dGeometry(2, 5, 6, 16, 8, 3, 3, 2, 1, 2),
        new Conv2dGeometry(2, 33, 16, 4, 8, 1, 1, 1, 0, 1),
        new Conv2dGeometry(1, 5, 5, 6, 6, 3, 3, 1, 1, 6),
        new Conv2dGeometry(1, 11, 11, 65, 63, 1, 1, 1, 0, 1));
  }

  /** batch, height, width, in, out, kernel height and width, stride, padding, groups. */
  static List<Conv2dGeometry> geometries() {
    List<Conv2dGeometry> list = new ArrayList<>();
    list.add(new Conv2dGeometry(0, 5, 5, 3, 4, 3, 3, 1, 1, 1));
    list.add(new Conv2dGeometry(1, 1, 1, 1, 1, 1, 1, 1, 0, 1));
    list.add(new Conv2dGeometry(1, 1, 1, 1, 1, 3, 3, 1, 1, 1));
    list.add(new Conv2dGeometry(2, 8, 8, 3, 16, 3, 3, 1, 1, 1));
    list.add(new Conv2dGeometry(2, 8, 8, 16, 32, 3, 3, 2, 1, 1));
    list.add(new Conv2dGeometry(2, 8, 8, 16, 32, 1, 1, 2, 0, 1));
    list.add(new Conv2dGeometry(1, 9, 7, 15, 17, 3, 3, 2, 1, 1));
    list.add(new Conv2dGeometry(1, 7, 9, 33, 31, 1, 1, 1, 0, 1));
    list.add(new Conv2dGeometry(1, 15, 14, 3, 8, 7, 7, 2, 2, 1));
    list.add(new Conv2dGeometry(3, 6, 5, 8, 12, 5, 5, 1, 2, 4));
    list.add(new Conv2dGeometry(2, 6, 7, 6, 6, 3, 3, 1, 1, 6));
    list.add(new Conv2dGeometry(2, 6, 7, 4, 8, 3, 3, 2, 2, 2));
    list.add(new Conv2dGeometry(1, 6, 9, 5, 3, 3, 5, 1, 1, 1));
    list.add(new Conv2dGeometry(1, 6, 9, 5, 3, 5, 1, 3, 2, 1));
    list.add(new Conv2dGeometry(4, 4, 4, 64, 64, 3, 3, 1, 1, 1));
    Philox random = new Philox(3);
    int[] kernels = {1, 3, 5, 7};
    for (int i = 0; i < 12; i++) {
      int groups = 1 + random.integer(i, 0, 3);
      int kernel = kernels[random.integer(i, 1, 4)];
      list.add(
          new Conv2dGeometry(
              1 + random.integer(i, 2, 3), kernel + random.integer(i, 3, 5),
              kernel + random.integer(i, 4, 5), groups * (1 + random.integer(i, 5, 9)),
              groups * (1 + random.integer(i, 6, 9)), kernel, kernel, 1 + random.integer(i, 7, 2),
              random.integer(i, 8, 3), groups));
    }
    return list;
  }

  private static void forward(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      Duel.Pair x = d.normal(g.inputElements());
      Duel.Pair w = d.normal(g.weightElements());
      Duel.Pair y = d.output(g.outputElements());
      d.runOnMagnitudesToo(
          on -> on.backend.conv2d(Precision.FP32, g, on.at(x), on.at(w), on.at(y)));
      check(d, g, y, terms(g));
    }
  }

  private static void gradInput(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      Duel.Pair w = d.normal(g.weightElements());
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair gradX = d.output(g.inputElements());
      d.runOnMagnitudesToo(
          on ->
              on.backend.conv2dGradInput(Precision.FP32, g, on.at(w), on.at(gradY), on.at(gradX)));
      check(d, g, gradX, (long) g.groupOutChannels() * g.kernelHeight() * g.kernelWidth());
    }
  }

  private static void gradWeight(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      Duel.Pair x = d.normal(g.inputElements());
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair gradW = d.output(g.weightElements());
      d.runOnMagnitudesToo(
          on ->
              on.backend.conv2dGradWeight(Precision.FP32, g, on.at(x), on.at(gradY), on.at(gradW)));
      check(d, g, gradW, (long) g.batch() * g.outHeight() * g.outWidth());
    }
  }

  private static void biasAct(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      for (boolean relu : BOTH) {
        for (boolean add : BOTH) {
          Duel.Pair x = d.normal(g.inputElements());
          Duel.Pair w = d.normal(g.weightElements());
          Duel.Pair bias = d.normal(g.outChannels());
          Duel.Pair residual = add ? d.normal(g.outputElements()) : null;
          Duel.Pair y = d.output(g.outputElements());
          d.runOnMagnitudesToo(
              on ->
                  on.backend.conv2dBiasAct(
                      Precision.FP32, g, on.at(x), on.at(w), on.at(bias),
                      residual == null ? null : on.at(residual), relu, on.at(y)));
          check(d, g, y, terms(g) + 2);
        }
      }
    }
  }

  private static void check(Duel d, Conv2dGeometry g, Duel.Pair result, long terms) {
    d.check(g.toString(), result, d.elementwise().summing(terms));
    d.checkNorm(g.toString(), result, Tolerance.ofProducts(Precision.FP32));
  }

  private static long terms(Conv2dGeometry g) {
    return (long) g.groupInChannels() * g.kernelHeight() * g.kernelWidth();
  }

  /** ⟨x ⋆ w, g⟩ = ⟨x, gradInput(w, g)⟩ = ⟨w, gradWeight(x, g)⟩ on the subject alone. */
  private static void adjoint(Duel d) {
    for (Conv2dGeometry g : geometries()) {
      Duel.Pair x = d.normal(g.inputElements());
      Duel.Pair w = d.normal(g.weightElements());
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair y = d.output(g.outputElements());
      Duel.Pair gradX = d.output(g.inputElements());
      Duel.Pair gradW = d.output(g.weightElements());
      d.run(
          on -> {
            on.backend.conv2d(Precision.FP32, g, on.at(x), on.at(w), on.at(y));
            on.backend.conv2dGradInput(Precision.FP32, g, on.at(w), on.at(gradY), on.at(gradX));
            on.backend.conv2dGradWeight(Precision.FP32, g, on.at(x), on.at(gradY), on.at(gradW));
          });
      double[] product = one(dot(d.actual(y), gradY.initial()));
      double[] size =
          one(Math.sqrt(dot(d.actual(y), d.actual(y)) * dot(gradY.initial(), gradY.initial())));
      double[] inX = one(dot(x.initial(), d.actual(gradX)));
      double[] inW = one(dot(w.initial(), d.actual(gradW)));
      Tolerance tolerance = d.elementwise().summing(terms(g));
      tolerance.check("<x, gradInput> = <conv2d, g> " + g, inX, product, size);
      tolerance.check("<w, gradWeight> = <conv2d, g> " + g, inW, product, size);
    }
  }

  private static void allForms(Duel d, Precision precision) {
    if (!d.subject().supports(precision)) {
      refusals(d, precision);
      return;
    }
    double limit = Tolerance.ofProducts(precision);
    for (Conv2dGeometry g : tiledGeometries()) {
      Duel.Pair x = d.normal(g.inputElements());
      Duel.Pair w = d.normal(g.weightElements());
      Duel.Pair bias = d.normal(g.outChannels());
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair y = d.output(g.outputElements());
      Duel.Pair fused = d.output(g.outputElements());
      Duel.Pair gradX = d.output(g.inputElements());
      Duel.Pair gradW = d.output(g.weightElements());
      d.run(
          on -> {
            Precision p = on.precision(precision);
            Backend b = on.backend;
            b.conv2d(p, g, on.at(x), on.at(w), on.at(y));
            b.conv2dBiasAct(
                p, g, on.at(x), on.at(w), on.at(bias), on.at(gradY), true, on.at(fused));
            b.conv2dGradInput(p, g, on.at(w), on.at(gradY), on.at(gradX));
            b.conv2dGradWeight(p, g, on.at(x), on.at(gradY), on.at(gradW));
          });
      d.checkNorm(precision + " conv2d " + g, y, limit);
      d.checkNorm(precision + " conv2dBiasAct " + g, fused, limit);
      d.checkNorm(precision + " conv2dGradInput " + g, gradX, limit);
      d.checkNorm(precision + " conv2dGradWeight " + g, gradW, limit);
    }
  }

  private static void refusals(Duel d, Precision p) {
    Conv2dGeometry g = new Conv2dGeometry(1, 1, 1, 1, 1, 1, 1, 1, 0, 1);
    Backend b = d.subject();
    Buffer one = d.onSubject(d.of(1));
    List<ThrowingCallable> calls =
        List.of(
            () -> b.conv2d(p, g, one, one, one),
            () -> b.conv2dGradInput(p, g, one, one, one),
            () -> b.conv2dGradWeight(p, g, one, one, one),
            () -> b.conv2dBiasAct(p, g, one, one, one, null, false, one));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(p.toString());
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] one(double value) {
    return new double[] {value};
  }
}
