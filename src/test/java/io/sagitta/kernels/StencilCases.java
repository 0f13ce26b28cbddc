package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;

/**
 * Central differences at steps so small that a subtraction of float32 numbers would lose most
 * digits, with elements on and about the kinks.
 */
final class StencilCases {
  private static final double[] STEPS = {1, 1e-3, 1e-6};

  private StencilCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("stencilRelu", "every size and step", StencilCases::relu),
        new ConformanceCase("stencilRelu", "in place", StencilCases::reluInPlace),
        new ConformanceCase("stencilRelu", "keeps a NaN", StencilCases::reluOfNaN),
        new ConformanceCase("stencilGelu", "every size and step", StencilCases::gelu),
        new ConformanceCase("stencilGelu", "in place", StencilCases::geluInPlace),
        new ConformanceCase("stencilSoftmax", "every shape and step", StencilCases::softmax),
        new ConformanceCase("stencilMaxPool2d", "every step", StencilCases::maxPool2d),
        new ConformanceCase("stencilMaxPool2d", "a NaN wins", StencilCases::maxPool2dOfNaN));
  }

  private static void relu(Duel d) {
    relu(d, d.subject().dtype(), d.elementwise());
  }

  /** Through a rectifier, of parts stored as {@code stored}. */
  static void relu(Duel d, DType stored, Tolerance tolerance) {
    for (double h : STEPS) {
      for (int size : new int[] {0, 1, 65, 5000, 70_001}) {
        for (boolean first : new boolean[] {true, false}) {
          Parts x = parts(d, size, h, first).stored(d, stored);
          Duel.Pair odd = d.output(stored, size);
          Duel.Pair even = d.output(stored, size);
          d.run(
              on ->
                  on.backend.stencilRelu(
                      on.at(x.s), on.at(x.odd), first ? null : on.at(x.even), on.at(odd),
                      on.at(even)));
          String what = " of " + size + ", h = " + h;
          d.check("odd" + what, odd, tolerance, x.scale());
          d.check("even" + what, even, tolerance, x.scale());
        }
      }
    }
  }

  private static void reluInPlace(Duel d) {
    Parts x = parts(d, 3001, 1e-3, false);
    d.run(
        on ->
            on.backend.stencilRelu(
                on.at(x.s), on.at(x.odd), on.at(x.even), on.at(x.odd), on.at(x.even)));
    double[] scale = x.scale();
    d.check("odd", x.odd, d.elementwise(), scale);
    d.check("even", x.even, d.elementwise(), scale);
  }

  private static void reluOfNaN(Duel d) {
    double nan = Double.NaN;
    Duel.Pair s = d.of(nan, 1, 1, -1, -1, 1e-4, nan);
    Duel.Pair o = d.of(1e-3, nan, 1e-3, nan, 1e-3, 1e-3, 0);
    Duel.Pair e = d.of(1e-6, 1e-6, nan, 1e-6, nan, 1e-6, 0);
    Duel.Pair odd = d.output(7);
    Duel.Pair even = d.output(7);
    d.run(
        on -> on.backend.stencilRelu(on.at(s), on.at(o), on.at(e), on.at(odd), on.at(even)));
    double[] scale = new double[7];
    Arrays.fill(scale, 1e-3);
    d.check("odd", odd, d.elementwise(), scale);
    d.check("even", even, d.elementwise(), scale);
  }

  /** Even parts are of the order of the square of the odd ones, or of even ones that are given. */
  private static void gelu(Duel d) {
    for (double h : STEPS) {
      for (int size : new int[] {0, 1, 65, 3000}) {
        for (boolean first : new boolean[] {true, false}) {
          Parts x = smoothParts(d, size, h, first);
          Duel.Pair odd = d.output(size);
          Duel.Pair even = d.output(size);
          d.run(
              on ->
                  on.backend.stencilGelu(
                      on.at(x.s), on.at(x.odd), first ? null : on.at(x.even), on.at(odd),
                      on.at(even)));
          checkGelu(d, " of " + size + ", h = " + h, x, odd, even);
        }
      }
    }
  }

  private static void geluInPlace(Duel d) {
    Parts x = smoothParts(d, 1001, 1e-3, false);
    d.run(
        on ->
            on.backend.stencilGelu(
                on.at(x.s), on.at(x.odd), on.at(x.even), on.at(x.odd), on.at(x.even)));
    checkGelu(d, "", x, x.odd, x.even);
  }

  private static void checkGelu(Duel d, String what, Parts x, Duel.Pair odd, Duel.Pair even) {
    double[] scale = x.odd.initial();
    double[] squares = x.even.initial();
    for (int i = 0; i < scale.length; i++) {
      squares[i] = Math.abs(squares[i]) + scale[i] * scale[i];
    }
    d.check("odd" + what, odd, d.elementwise(), scale);
    d.check("even" + what, even, d.elementwise().summing(4), squares);
  }

  /**
   * Of an element's change p bounds a term of its own and one of the row's means, which are no greater
   * than the greatest growth expm1(o), or in the even part its square and the greatest even difference.
   */
  private static void softmax(Duel d) {
    for (double h : STEPS) {
      for (int[] s : new int[][] {{0, 5}, {1, 1}, {3, 10}, {65, 65}, {2, 1024}, {3, 1025}}) {
        for (boolean first : new boolean[] {true, false}) {
          int size = s[0] * s[1];
          Parts x = smoothParts(d, size, h, first);
          Duel.Pair p = d.output(size);
          Duel.Pair odd = d.output(size);
          Duel.Pair even = d.output(size);
          d.run(
              on -> {
                on.backend.softmax(on.at(x.s), on.at(p), s[0], s[1]);
                on.backend.stencilSoftmax(
                    on.at(p), on.at(x.odd), first ? null : on.at(x.even), on.at(odd), on.at(even),
                    s[0], s[1]);
              });
          String what = " of " + Arrays.toString(s) + ", h = " + h;
          double[] shares = d.expected(p);
          d.check("softmax" + what, p, d.elementwise().summing(s[1]));
          double growth = Math.expm1(greatest(x.odd));
          double bend = growth * growth + greatest(x.even);
          d.check("odd" + what, odd, d.elementwise().summing(s[1]), times(shares, growth));
          d.check("even" + what, even, d.elementwise().summing(s[1]), times(shares, bend));
        }
      }
    }
  }

  private static double greatest(Duel.Pair pair) {
    return Arrays.stream(pair.initial()).map(Math::abs).max().orElse(0);
  }

  private static double[] times(double[] values, double factor) {
    return Arrays.stream(values).map(value -> value * factor).toArray();
  }

  /** Quantities of up to some ten deviations, and differences of them. */
  private static Parts smoothParts(Duel d, int size, double h, boolean first) {
    double[] s = d.normals(size);
    double[] odd = d.normals(size);
    double[] even = d.normals(size);
    for (int i = 0; i < size; i++) {
      s[i] *= i % 7 == 0 ? 4 : 1;
      odd[i] *= h;
      even[i] *= first ? 0 : i % 2 == 0 ? h : h * h;
    }
    return new Parts(d.of(s), d.of(odd), d.of(even));
  }

  private static void maxPool2d(Duel d) {
    for (double h : STEPS) {
      for (Pool2dGeometry g : PoolCases.GEOMETRIES) {
        boolean first = g.channels() % 2 == 0;
        Parts x = parts(d, (int) g.inputElements(), h, first);
        Duel.Pair maxima = d.output(g.outputElements());
        Duel.Pair winners = d.outputIndices(g.outputElements());
        Duel.Pair odd = d.output(g.outputElements());
        Duel.Pair even = d.output(g.outputElements());
        d.run(
            on -> {
              on.backend.maxPool2d(g, on.at(x.s), on.at(maxima), on.at(winners));
              on.backend.stencilMaxPool2d(
                  g, on.at(x.s), on.at(x.odd), first ? null : on.at(x.even), on.at(winners),
                  on.at(odd), on.at(even));
            });
        d.check("maxima", maxima, Tolerance.exact("copied"));
        d.check("winners", winners, Tolerance.exact("copied"));
        double[] scale = new double[odd.size()];
        Arrays.fill(scale, Arrays.stream(x.scale()).max().orElse(0));
        d.check("odd " + g + ", h = " + h, odd, d.elementwise(), scale);
        d.check("even " + g + ", h = " + h, even, d.elementwise(), scale);
      }
    }
  }

  /** In a window's winner, before it, behind it, and in what it, its odd or its even part is. */
  private static void maxPool2dOfNaN(Duel d) {
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    double[][] windows = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {infinity, 1, infinity}};
    for (double[] s : windows) {
      for (int part = 0; part < 3; part++) {
        for (int place = 0; place < 3; place++) {
          double[][] parts = {s.clone(), {1e-3, -2e-3, 1e-3}, {1e-6, 1e-6, 0}};
          parts[part][place] = nan;
          // A window without one comes behind it.
          Duel.Pair x = d.of(concat(parts[0], 1, 2, 1));
          Duel.Pair odd = d.of(concat(parts[1], 1e-3, 1e-3, 1e-3));
          Duel.Pair even = d.of(concat(parts[2], 0, 0, 0));
          maxPool2dOfNaN(d, x, odd, even);
          if (part < 2) {
            maxPool2dOfNaN(d, x, odd, null);
          }
        }
      }
    }
  }

  private static void maxPool2dOfNaN(Duel d, Duel.Pair s, Duel.Pair odd, Duel.Pair even) {
    Pool2dGeometry g = new Pool2dGeometry(1, 3, 6, 1, 3, 3, 0);
    Duel.Pair[] images = {
      padded(d, s, -9), padded(d, odd, 0), even == null ? null : padded(d, even, 0)
    };
    Duel.Pair maxima = d.output(2);
    Duel.Pair winners = d.outputIndices(2);
    Duel.Pair oddY = d.output(2);
    Duel.Pair evenY = d.output(2);
    d.run(
        on -> {
          on.backend.maxPool2d(g, on.at(images[0]), on.at(maxima), on.at(winners));
          on.backend.stencilMaxPool2d(
              g, on.at(images[0]), on.at(images[1]), images[2] == null ? null : on.at(images[2]),
              on.at(winners), on.at(oddY), on.at(evenY));
        });
    d.check("maxima", maxima, Tolerance.exact("copied"));
    d.check("winners", winners, Tolerance.exact("copied"));
    assertThat(d.expected(oddY)[0]).isNaN();
    assertThat(d.expected(oddY)[1]).isFinite();
    double[] scale = {3, 3};
    d.check("odd", oddY, d.elementwise(), scale);
    d.check("even", evenY, d.elementwise(), scale);
  }

  /** A row with two rows of one number below it. */
  private static Duel.Pair padded(Duel d, Duel.Pair row, double below) {
    double[] rest = new double[12];
    Arrays.fill(rest, below);
    return d.of(concat(row.initial(), rest));
  }

  private static double[] concat(double[] first, double... second) {
    double[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** A quantity, a third of it within a step of zero, and its differences. */
  private static Parts parts(Duel d, int size, double h, boolean first) {
    double[] s = d.normals(size);
    double[] odd = d.normals(size);
    double[] even = d.normals(size);
    for (int i = 0; i < size; i++) {
      s[i] *= i % 3 == 0 ? h : 1;
      odd[i] *= h;
      even[i] *= first ? 0 : i % 2 == 0 ? h : h * h;
    }
    return new Parts(d.of(s), d.of(odd), d.of(even));
  }

  private record Parts(Duel.Pair s, Duel.Pair odd, Duel.Pair even) {
    Parts stored(Duel d, DType type) {
      return type == DType.BF16
          ? new Parts(s, d.bf16(odd.initial()), d.bf16(even.initial()))
          : this;
    }

    /** What rounding errors of the differences are proportional to. */
    double[] scale() {
      double[] scale = odd.initial();
      double[] evens = even.initial();
      for (int i = 0; i < scale.length; i++) {
        scale[i] = Math.abs(scale[i]) + Math.abs(evens[i]);
      }
      return scale;
    }
  }
}
