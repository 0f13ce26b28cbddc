package io.sagitta.kernels.host;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.UnaryOp;

/**
 * The innermost loops over staged heap arrays. Each runs from index 0 over {@code n} elements with
 * no branch, which is the form that C2 vectorises on JDK 17 and 25; the few that need a scalar
 * function are marked.
 */
final class Loops {
  private Loops() {}

  /** x = op(x). */
  static void unary(UnaryOp op, float[] x, int n) {
    switch (op) {
      case EXP -> exp(x, n);
      case LOG -> log(x, n);
      case SQRT -> sqrt(x, n);
      case RECIPROCAL -> reciprocal(x, n);
      case TANH -> tanh(x, n);
      case GELU -> Gelu.value(x, n);
      case ABS -> abs(x, n);
      case SIGN -> sign(x, n);
      case RELU -> relu(x, n);
      default -> throw new IllegalArgumentException("host unary: no loop for " + op);
    }
  }

  /** a = op(a, b). */
  static void binary(BinaryOp op, float[] a, float[] b, int n) {
    switch (op) {
      case ADD -> add(a, b, n);
      case SUB -> subtract(a, b, n);
      case MUL -> multiply(a, b, n);
      case DIV -> divide(a, b, n);
      case MAX -> max(a, b, n);
      case GREATER -> greater(a, b, n);
      case MASK -> mask(a, b, n);
      default -> throw new IllegalArgumentException("host binary: no loop for " + op);
    }
  }

  private static void exp(float[] x, int n) {
    double[] y = Stage.get().doubles(0, n);
    widen(x, y, n);
    Exponentials.exp(y, n);
    narrow(y, x, n);
  }

  /** Scalar: in double, rounded once. */
  private static void log(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (float) Math.log(x[i]);
    }
  }

  private static void sqrt(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (float) Math.sqrt(x[i]);
    }
  }

  private static void reciprocal(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = 1f / x[i];
    }
  }

  /** With m = e²ˣ − 1, m/(m + 2), which loses no digits of small x. */
  private static void tanh(float[] x, int n) {
    double[] y = Stage.get().doubles(0, n);
    widen(x, y, n);
    for (int i = 0; i < n; i++) {
      y[i] *= 2;
    }
    Exponentials.expm1(y, n);
    for (int i = 0; i < n; i++) {
      y[i] /= y[i] + 2;
    }
    narrow(y, x, n);
  }

  /** Conversions, which C2 vectorises on JDK 25 alone, stand by themselves. */
  static void widen(float[] x, double[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = x[i];
    }
  }

  /** Rounds to the nearest. */
  static void narrow(double[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = (float) x[i];
    }
  }

  private static void abs(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.abs(x[i]);
    }
  }

  /** Scalar. */
  private static void sign(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.signum(x[i]);
    }
  }

  static void relu(float[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.max(x[i], 0f);
    }
  }

  static void add(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] += b[i];
    }
  }

  static void subtract(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] -= b[i];
    }
  }

  static void multiply(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] *= b[i];
    }
  }

  private static void divide(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] /= b[i];
    }
  }

  static void max(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = Math.max(a[i], b[i]);
    }
  }

  /** Scalar. */
  private static void greater(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = a[i] > b[i] ? 1f : 0f;
    }
  }

  /** Scalar; {@link #maskBits} is the fast form. */
  private static void mask(float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = b[i] > 0 ? a[i] : 0f;
    }
  }

  /** x = scale·x + shift. */
  static void affine(float[] x, float scale, float shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(x[i], scale, shift);
    }
  }

  /** Scalar: four sums side by side, since each addition waits for the one before. */
  static double sum(float[] x, int from, int n) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int whole = from + n / 4 * 4;
    for (int i = from; i < whole; i += 4) {
      first += x[i];
      second += x[i + 1];
      third += x[i + 2];
      fourth += x[i + 3];
    }
    for (int i = whole; i < from + n; i++) {
      first += x[i];
    }
    return first + second + (third + fourth);
  }

  /** y += scale·x. */
  static void accumulate(float[] y, float[] x, float scale, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(x[i], scale, y[i]);
    }
  }

  /** y = scale·y + x. */
  static void scaleAdd(float[] y, float scale, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = Math.fma(y[i], scale, x[i]);
    }
  }

  /**
   * On the bits of floats: a = a where b &gt; 0, else 0. A positive number has bits from 1 to
   * those of infinity; a difference with either bound carries the answer in its sign.
   */
  static void maskBits(int[] a, int[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] &= ~((b[i] - 1) | (0x7f800000 - b[i])) >> 31;
    }
  }

  /** On the bits of floats: x is rounded to the nearest bfloat16, its upper half, ties to even. */
  static void roundBits(int[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = roundedBits(x[i]);
    }
  }

  /**
   * {@link #roundBits} of one. What is not a number only becomes quiet: added to, it could turn
   * into an infinity or zero.
   */
  static int roundedBits(int x) {
    int notNumber = 0x7f800000 - (x & Integer.MAX_VALUE) >> 31;
    int up = 0x7fff + (x >>> 16 & 1);
    return x + (up & ~notNumber) | 0x400000 & notNumber;
  }

  /** {@link #maskBits} of pairs of bfloat16, one in each half of a word. */
  static void maskWords(int[] a, int[] b, int n) {
    for (int i = 0; i < n; i++) {
      int upper = b[i] & 0xffff0000;
      int lower = b[i] << 16;
      int keepUpper = ~((upper - 1) | (0x7f800000 - upper)) >> 31;
      int keepLower = ~((lower - 1) | (0x7f800000 - lower)) >> 31;
      a[i] &= keepUpper & 0xffff0000 | keepLower >>> 16;
    }
  }

  /** On the bits of floats: x = 1 where x &gt; 0, else 0. */
  static void stepBits(int[] x, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (~((x[i] - 1) | (0x7f800000 - x[i])) >> 31) & 0x3f800000;
    }
  }

  /** Writes {@code rows} copies of the first {@code width} elements one after the other. */
  static void repeat(float[] x, int width, int rows) {
    int total = width * rows;
    for (int filled = width; filled < total; ) {
      int more = Math.min(filled, total - filled);
      System.arraycopy(x, 0, x, filled, more);
      filled += more;
    }
  }
}
