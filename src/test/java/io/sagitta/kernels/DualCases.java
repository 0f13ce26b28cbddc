package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;

/** Values and their derivatives along a direction, made together. */
final class DualCases {
  private static final int[] SIZES = {0, 1, 7, 64, 1025, 70_001};
  private static final List<UnaryOp> SMOOTH =
      Arrays.stream(UnaryOp.values()).filter(UnaryOp::isSmooth).toList();

  private DualCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("unaryDual", "every smooth function and size", DualCases::unary),
        new ConformanceCase("unaryDual", "refuses what is not smooth", DualCases::refusals),
        new ConformanceCase("unarySlope", "every smooth function and size", DualCases::slope),
        new ConformanceCase(
            "unarySlopeDual", "every smooth function and size", DualCases::slopeDual),
        new ConformanceCase("binaryDual", "products and quotients", DualCases::binary),
        new ConformanceCase("softmaxDual", "every shape", DualCases::softmax));
  }

  private static void unary(Duel d) {
    for (UnaryOp op : SMOOTH) {
      for (int size : SIZES) {
        Duel.Pair x = argument(d, op, size);
        Duel.Pair dx = d.uniform(size, -1, 1);
        Duel.Pair y = d.output(size);
        Duel.Pair dy = d.output(size);
        d.run(on -> on.backend.unaryDual(op, on.at(x), on.at(dx), on.at(y), on.at(dy)));
        d.check(op + " of " + size, y, d.elementwise());
        d.check(op + "' of " + size, dy, d.elementwise(), slopes(op, d.expected(dy), dx));
      }
    }
  }

  private static void refusals(Duel d) {
    Duel.Pair x = d.uniform(3, 1, 2);
    Duel.Pair y = d.output(3);
    d.run(on -> on.backend.unaryDual(UnaryOp.EXP, on.at(x), on.at(x), on.at(y), on.at(y)));
    d.actual(y);
    assertThatThrownBy(
            () ->
                d.run(
                    on ->
                        on.backend.unarySlope(UnaryOp.RELU, on.at(x), on.at(x), on.at(y))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("RELU");
  }

  private static void slope(Duel d) {
    for (UnaryOp op : SMOOTH) {
      for (int size : SIZES) {
        Duel.Pair z = read(d, op, size);
        Duel.Pair t = d.uniform(size, -1, 1);
        Duel.Pair y = d.output(size);
        d.run(on -> on.backend.unarySlope(op, on.at(z), on.at(t), on.at(y)));
        d.check(op + "' of " + size, y, d.elementwise(), slopes(op, d.expected(y), t));
      }
    }
  }

  private static void slopeDual(Duel d) {
    for (UnaryOp op : SMOOTH) {
      for (int size : SIZES) {
        Duel.Pair z = read(d, op, size);
        Duel.Pair dz = d.uniform(size, -1, 1);
        Duel.Pair t = d.uniform(size, -1, 1);
        Duel.Pair dt = d.uniform(size, -1, 1);
        Duel.Pair y = d.output(size);
        Duel.Pair dy = d.output(size);
        d.run(
            on ->
                on.backend.unarySlopeDual(
                    op, on.at(z), on.at(dz), on.at(t), on.at(dt), on.at(y), on.at(dy)));
        d.check(op + "' of " + size, y, d.elementwise(), slopes(op, d.expected(y), t));
        d.check(op + "'' of " + size, dy, d.elementwise(), bends(op, z, d.expected(y), dt));
      }
    }
  }

  /** 1 − z² loses what z has lost beside 1. */
  private static double[] slopes(UnaryOp op, double[] expected, Duel.Pair t) {
    return op == UnaryOp.TANH ? t.initial() : expected;
  }

  /** Both terms of the derivative may cancel: the scale is that of either. */
  private static double[] bends(UnaryOp op, Duel.Pair z, double[] y, Duel.Pair dt) {
    double[] places = z.initial();
    double[] directions = dt.initial();
    double[] scale = new double[y.length];
    for (int i = 0; i < scale.length; i++) {
      double at = places[i];
      double bend =
          switch (op) {
            case EXP -> 1;
            case LOG, SQRT -> 1 / (at * at);
            default -> 2 * Math.abs(at);
          };
      double slope =
          switch (op) {
            case EXP -> at;
            case LOG, SQRT -> 1 / at;
            case RECIPROCAL -> at * at;
            default -> 1;
          };
      scale[i] = bend + Math.abs(slope * directions[i]);
    }
    return scale;
  }

  private static Duel.Pair argument(Duel d, UnaryOp op, int size) {
    return switch (op) {
      case LOG, SQRT -> d.uniform(size, 1e-2, 1e2);
      case RECIPROCAL -> d.uniform(size, -1e2, -1e-2);
      default -> d.uniform(size, -6, 6);
    };
  }

  /** What the first derivative is read from. */
  private static Duel.Pair read(Duel d, UnaryOp op, int size) {
    return switch (op) {
      case TANH -> d.uniform(size, -1, 1);
      case RECIPROCAL -> d.uniform(size, -9, 9);
      default -> d.uniform(size, 1e-2, 9);
    };
  }

  private static void binary(Duel d) {
    for (BinaryOp op : List.of(BinaryOp.MUL, BinaryOp.DIV)) {
      for (int size : SIZES) {
        Duel.Pair a = d.uniform(size, -2, 2);
        Duel.Pair da = d.uniform(size, -2, 2);
        Duel.Pair b = d.uniform(size, 0.5, 2);
        Duel.Pair db = d.uniform(size, -2, 2);
        Duel.Pair y = d.output(size);
        Duel.Pair dy = d.output(size);
        d.run(
            on ->
                on.backend.binaryDual(
                    op, on.at(a), on.at(da), on.at(b), on.at(db), on.at(y), on.at(dy)));
        d.check(op + " of " + size, y, d.elementwise());
        double[] scale = new double[size];
        Arrays.fill(scale, op == BinaryOp.MUL ? 8 : 20);
        d.check(op + "' of " + size, dy, d.elementwise(), scale);
      }
    }
  }

  private static void softmax(Duel d) {
    for (int[] s : new int[][] {{0, 5}, {1, 1}, {3, 10}, {65, 100}, {2, 1024}, {3, 1025}}) {
      Duel.Pair x = d.normal((long) s[0] * s[1]);
      Duel.Pair dx = d.uniform((long) s[0] * s[1], -1, 1);
      Duel.Pair y = d.output(x.size());
      Duel.Pair dy = d.output(x.size());
      d.run(
          on ->
              on.backend.softmaxDual(
                  on.at(x), on.at(dx), on.at(y), on.at(dy), s[0], s[1]));
      d.check("softmax", y, d.elementwise().summing(s[1]));
      d.check("its tangent", dy, d.elementwise().summing(s[1]), d.expected(y));
    }
  }
}
