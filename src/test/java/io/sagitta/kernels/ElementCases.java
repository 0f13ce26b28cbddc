package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Elementwise kernels, box copies and the optimiser's step. */
final class ElementCases {
  private static final String BOXED = "binary(BinaryOp,Buffer,long[],Buffer,long[],Buffer,long[])";
  private static final int[] SIZES = {0, 1, 2, 7, 8, 9, 63, 64, 65, 1023, 70_001};
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final Tolerance COPIED = Tolerance.exact("copied");

  private ElementCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("fill", "every size", ElementCases::fill),
        new ConformanceCase("unary", "every function and size", ElementCases::unary),
        new ConformanceCase("unary", "in place", ElementCases::unaryInPlace),
        new ConformanceCase("unary", "NaN, infinity, zero", ElementCases::unarySpecial),
        new ConformanceCase("affine", "every size, in place too", ElementCases::affine),
        new ConformanceCase(
            "binary(BinaryOp,Buffer,Buffer,Buffer)", "every function and size",
            ElementCases::binary),
        new ConformanceCase(
            "binary(BinaryOp,Buffer,Buffer,Buffer)", "in place", ElementCases::binaryInPlace),
        new ConformanceCase(
            "binary(BinaryOp,Buffer,Buffer,Buffer)", "NaN, infinity, zero",
            ElementCases::binarySpecial),
        new ConformanceCase(BOXED, "every function", ElementCases::broadcast),
        new ConformanceCase(BOXED, "shapes and strides", ElementCases::broadcastShapes),
        new ConformanceCase("accumulate", "every size", ElementCases::accumulate),
        new ConformanceCase("copy", "transposes", ElementCases::transpose),
        new ConformanceCase("copy", "negative and zero strides", ElementCases::strides),
        new ConformanceCase("copy", "into and out of a box", ElementCases::boxes));
  }

  private static void fill(Duel d) {
    for (int size : SIZES) {
      Duel.Pair y = d.output(size);
      d.run(on -> on.backend.fill(on.at(y), -2.5));
      d.check("fill " + size, y, COPIED);
    }
    Duel.Pair y = d.output(5);
    d.run(on -> on.backend.fill(on.at(y), Double.NaN));
    d.check("fill NaN", y, COPIED);
  }

  private static void unary(Duel d) {
    for (UnaryOp op : UnaryOp.values()) {
      for (int size : SIZES) {
        Duel.Pair x = operand(d, op, size);
        Duel.Pair y = d.output(size);
        d.run(on -> on.backend.unary(op, on.at(x), on.at(y)));
        d.check(op + " " + size, y, tolerance(d, op));
      }
    }
  }

  private static void unaryInPlace(Duel d) {
    for (UnaryOp op : UnaryOp.values()) {
      Duel.Pair x = operand(d, op, 77);
      d.run(on -> on.backend.unary(op, on.at(x), on.at(x)));
      d.check(op + " in place", x, tolerance(d, op));
    }
  }

  private static Duel.Pair operand(Duel d, UnaryOp op, int size) {
    return switch (op) {
      case LOG, SQRT -> d.uniform(size, 1e-3, 1e3);
      case RECIPROCAL -> d.uniform(size, -1e3, -1e-3);
      case EXP -> d.uniform(size, -80, 80);
      case GELU -> d.uniform(size, -9, 9);
      default -> d.uniform(size, -3, 3);
    };
  }

  private static Tolerance tolerance(Duel d, UnaryOp op) {
    return switch (op) {
      case ABS, SIGN, RELU, STEP -> Tolerance.exact("no rounding");
      default -> d.elementwise();
    };
  }

  private static void unarySpecial(Duel d) {
    double nan = Double.NaN;
    for (UnaryOp op : List.of(UnaryOp.EXP, UnaryOp.TANH, UnaryOp.ABS, UnaryOp.RELU, UnaryOp.STEP)) {
      special(d, op, d.of(nan, INFINITY, -INFINITY, 0, -0.0, 1e-40, -1e-40, 100, -110, nan));
    }
    special(d, UnaryOp.GELU, d.of(nan, INFINITY, 0, -0.0, 1e-30, 100, -100, -13));
    special(d, UnaryOp.LOG, d.of(0, INFINITY, nan, -1, 1));
    special(d, UnaryOp.SQRT, d.of(0, INFINITY, nan, -1, 1));
    special(d, UnaryOp.RECIPROCAL, d.of(0, INFINITY, -INFINITY, nan));
    special(d, UnaryOp.SIGN, d.of(0, -0.0, INFINITY, -INFINITY, 1e-30, -1e-30));
  }

  private static void special(Duel d, UnaryOp op, Duel.Pair x) {
    Duel.Pair y = d.output(x.size());
    d.run(on -> on.backend.unary(op, on.at(x), on.at(y)));
    double[] expected = d.expected(y);
    if (d.subject().dtype() == DType.F32) {
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) expected[i];
      }
    }
    Tolerance denormals =
        Tolerance.override(1e-6, Float.MIN_NORMAL, "a kernel may flush subnormal numbers to zero");
    denormals.check(op + " of special values", d.actual(y), expected);
  }

  private static void affine(Duel d) {
    for (int size : SIZES) {
      Duel.Pair x = d.normal(size);
      Duel.Pair y = d.output(size);
      d.run(on -> on.backend.affine(on.at(x), -1.5, 0.3, on.at(y)));
      d.check("affine " + size, y, d.elementwise(), plus(x.initial(), 1.5, 0.3));
      Duel.Pair z = d.normal(size);
      d.run(on -> on.backend.affine(on.at(z), 0.1, -2, on.at(z)));
      d.check("affine in place " + size, z, d.elementwise(), plus(z.initial(), 0.1, 2));
    }
  }

  private static void binary(Duel d) {
    for (BinaryOp op : BinaryOp.values()) {
      for (int size : SIZES) {
        Duel.Pair a = d.normal(size);
        Duel.Pair b = op == BinaryOp.DIV ? d.uniform(size, 0.1, 3) : d.normal(size);
        Duel.Pair y = d.output(size);
        d.run(on -> on.backend.binary(op, on.at(a), on.at(b), on.at(y)));
        d.check(op + " " + size, y, d.elementwise());
      }
    }
  }

  private static void binaryInPlace(Duel d) {
    for (BinaryOp op : BinaryOp.values()) {
      Duel.Pair a = d.normal(77);
      Duel.Pair b = d.uniform(77, -1, 2);
      d.run(on -> on.backend.binary(op, on.at(a), on.at(b), on.at(a)));
      d.check(op + " into a", a, d.elementwise());
      Duel.Pair c = d.normal(77);
      Duel.Pair e = d.uniform(77, 0.1, 2);
      d.run(on -> on.backend.binary(op, on.at(c), on.at(e), on.at(e)));
      d.check(op + " into b", e, d.elementwise());
      Duel.Pair f = d.uniform(77, 0.1, 2);
      d.run(on -> on.backend.binary(op, on.at(f), on.at(f), on.at(f)));
      d.check(op + " of itself", f, d.elementwise());
    }
  }

  private static void binarySpecial(Duel d) {
    double nan = Double.NaN;
    double[] left = {nan, 1, nan, INFINITY, -INFINITY, 0, 1, -1, nan, nan, 2, INFINITY, 3};
    double[] right = {1, nan, nan, 1, INFINITY, 0, 0, 0, 0, -1, 2, INFINITY, -0.0};
    for (BinaryOp op : BinaryOp.values()) {
      Duel.Pair a = d.of(left);
      Duel.Pair b = d.of(right);
      Duel.Pair y = d.output(left.length);
      d.run(on -> on.backend.binary(op, on.at(a), on.at(b), on.at(y)));
      d.check(op + " of special values", y, Tolerance.exact("small whole numbers"));
    }
  }

  private static void broadcast(Duel d) {
    for (BinaryOp op : BinaryOp.values()) {
      Duel.Pair a = d.uniform(5 * 7, 0.1, 2);
      Duel.Pair row = d.uniform(7, 0.1, 2);
      Duel.Pair y = d.output(5 * 7);
      long[] shape = {5, 7};
      long[] full = {7, 1};
      long[] repeated = {0, 1};
      d.run(
          on ->
              on.backend.binary(
                  op, on.at(a), full, on.at(row), repeated, on.at(y), shape));
      d.check(op + " with a row", y, d.elementwise());
      Duel.Pair z = d.output(5 * 7);
      d.run(
          on ->
              on.backend.binary(
                  op, on.at(row), repeated, on.at(a), full, on.at(z), shape));
      d.check(op + " of a row", z, d.elementwise());
    }
  }

  private static void broadcastShapes(Duel d) {
    box(d, 1, new long[0], 1, new long[0], new long[0]);
    box(d, 9, longs(1), 1, longs(0), longs(9));
    box(d, 6, longs(1, 0), 5, longs(0, 1), longs(6, 5));
    box(d, 6, longs(0, 1), 5, longs(1, 0), longs(5, 6));
    box(d, 12, longs(4, 0, 1), 5, longs(0, 1, 0), longs(3, 5, 4));
    box(d, 20, longs(1, 4), 20, longs(5, 1), longs(4, 5));
    box(d, 2 * 3 * 4 * 17, longs(204, 68, 17, 1), 17, longs(0, 0, 0, 1), longs(2, 3, 4, 17));
    box(d, 2 * 3 * 4 * 17, longs(204, 68, 17, 1), 2, longs(1, 0, 0, 0), longs(2, 3, 4, 17));
    box(d, 2, longs(1, 0, 0, 0), 34, longs(17, 0, 0, 1), longs(2, 3, 4, 17));
    box(d, 4, longs(0, 1), 0, longs(4, 1), longs(0, 4));
    box(d, 4, longs(1, 0), 4, longs(1, 0), longs(4, 0));
    box(
        d, 256, longs(128, 64, 32, 16, 8, 4, 2, 1), 16, longs(8, 0, 4, 0, 2, 0, 1, 0),
        longs(2, 2, 2, 2, 2, 2, 2, 2));
    box(d, 300 * 257, longs(257, 1), 300, longs(1, 0), longs(300, 257));
    box(d, 64, longs(1), 1, longs(0), longs(64));
    box(d, 48, longs(8, 1), 8, longs(0, 1), longs(6, 8));
    box(d, 6, longs(1, 0), 48, longs(8, 1), longs(6, 8));
    box(d, 5 * 13, longs(13, 1), 12, longs(0, 1), longs(5, 12));
  }

  private static void box(
      Duel d, int aSize, long[] aStrides, int bSize, long[] bStrides, long[] shape) {
    int size = 1;
    for (long length : shape) {
      size *= (int) length;
    }
    Duel.Pair a = d.normal(aSize);
    Duel.Pair b = d.normal(bSize);
    Duel.Pair y = d.output(size);
    d.run(
        on ->
            on.backend.binary(
                BinaryOp.SUB, on.at(a), aStrides, on.at(b), bStrides, on.at(y), shape));
    double[] ones = new double[size];
    Arrays.fill(ones, 5);
    d.check("SUB over " + Arrays.toString(shape), y, d.elementwise(), ones);
  }

  private static void accumulate(Duel d) {
    for (int size : SIZES) {
      Duel.Pair x = d.normal(size);
      Duel.Pair y = d.normal(size);
      d.runOnMagnitudesToo(on -> on.backend.accumulate(on.at(x), 0.7, on.at(y)));
      d.check("accumulate " + size, y, d.elementwise());
    }
  }

  private static void transpose(Duel d) {
    copy(d, 35, 0, longs(1, 7), 35, 0, longs(5, 1), longs(7, 5));
    copy(d, 65 * 33, 0, longs(1, 65), 65 * 33, 0, longs(33, 1), longs(65, 33));
    copy(d, 120, 0, longs(60, 1, 15, 3), 120, 0, longs(60, 20, 5, 1), longs(2, 3, 4, 5));
    copy(d, 120, 0, longs(60, 20, 5, 1), 120, 0, longs(1, 2, 6, 24), longs(2, 3, 4, 5));
    copy(d, 300 * 257, 0, longs(1, 257), 300 * 257, 0, longs(300, 1), longs(257, 300));
    copy(d, 2400, 0, longs(800, 1, 20), 2400, 0, longs(800, 40, 1), longs(3, 20, 40));
    copy(d, 1120, 0, longs(560, 7, 1, 35), 1120, 0, longs(560, 112, 16, 1), longs(2, 5, 7, 16));
    copy(d, 33 * 3 * 14, 0, longs(1, 462, 33), 33 * 3 * 14, 0, longs(42, 14, 1), longs(33, 3, 14));
  }

  private static void strides(Duel d) {
    copy(d, 9, 8, longs(-1), 9, 0, longs(1), longs(9));
    copy(d, 9, 0, longs(1), 9, 8, longs(-1), longs(9));
    copy(d, 120, 12, longs(60, 15, -3, 1), 120, 0, longs(60, 15, 3, 1), longs(2, 4, 5, 3));
    copy(d, 30, 29, longs(-6, -1), 30, 0, longs(6, 1), longs(5, 6));
    copy(d, 3, 0, longs(0, 1), 12, 0, longs(3, 1), longs(4, 3));
    copy(d, 4, 0, longs(1, 0), 12, 0, longs(3, 1), longs(4, 3));
    copy(d, 1, 0, longs(0, 0, 0), 24, 0, longs(12, 4, 1), longs(2, 3, 4));
    copy(d, 6, 5, longs(0, -1), 12, 11, longs(-6, -1), longs(2, 6));
  }

  private static void boxes(Duel d) {
    copy(d, 1, 0, new long[0], 1, 0, new long[0], new long[0]);
    copy(d, 5, 3, new long[0], 4, 2, new long[0], new long[0]);
    copy(d, 0, 0, longs(1), 4, 2, longs(1), longs(0));
    copy(d, 6, 0, longs(3, 1), 6, 0, longs(3, 1), longs(2, 0));
    copy(d, 100, 13, longs(1), 80, 5, longs(1), longs(61));
    copy(d, 8 * 9, 9 + 2, longs(9, 1), 30, 0, longs(5, 1), longs(6, 5));
    copy(d, 30, 0, longs(5, 1), 8 * 9, 9 + 2, longs(9, 1), longs(6, 5));
    copy(d, 12, 0, longs(4, 1), 30, 4, longs(10, 1), longs(3, 4));
    copy(d, 40, 1, longs(20, 4, 2), 20, 0, longs(10, 2, 1), longs(2, 5, 2));
    copy(d, 120_000, 7, longs(300, 2), 60_000, 1, longs(149, 1), longs(390, 149));
    copy(d, 100, 4, longs(12, 1), 120, 8, longs(16, 1), longs(6, 8));
    copy(d, 100, 4, longs(12, 1), 120, 7, longs(16, 1), longs(6, 8));
  }

  /** Elements of the target outside the box keep their values. */
  private static void copy(
      Duel d, int sourceSize, long sourceOffset, long[] sourceStrides,
      int targetSize, long targetOffset, long[] targetStrides, long[] shape) {
    Duel.Pair source = d.normal(sourceSize);
    Duel.Pair target = d.normal(targetSize);
    d.run(
        on ->
            on.backend.copy(
                on.at(source), sourceOffset, sourceStrides,
                on.at(target), targetOffset, targetStrides, shape));
    d.check("copy of a box " + Arrays.toString(shape), target, COPIED);
  }

  /** |x|·scale + shift: the sum of two terms' magnitudes. */
  private static double[] plus(double[] x, double scale, double shift) {
    return Arrays.stream(x).map(v -> Math.abs(v) * scale + shift).toArray();
  }

  private static long[] longs(long... values) {
    return values;
  }
}
