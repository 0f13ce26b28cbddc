package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.ElementwiseKernels.PART;
import static io.sagitta.kernels.host.ElementwiseKernels.chunks;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.UnaryOp;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Values and their derivatives along a direction in one pass. Loops write one array each, the form
 * that C2 vectorises.
 */
final class DualKernels {
  private DualKernels() {}

  static void unary(UnaryOp op, HostBuffer x, HostBuffer dx, HostBuffer y, HostBuffer dy) {
    FloatBuffer source = x.floats();
    FloatBuffer directions = dx.floats();
    FloatBuffer target = y.writeFloats();
    FloatBuffer tangents = dy.writeFloats();
    chunks(y.elements(), ElementwiseKernels.part(op), (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      float[] z = stage.floats(1, n);
      float[] t = stage.floats(2, n);
      source.get(start, values, 0, n);
      directions.get(start, t, 0, n);
      System.arraycopy(values, 0, z, 0, n);
      Loops.unary(op, values, n);
      slope(op, op.slopeReadsArgument() ? z : values, z, n);
      Loops.binary(BinaryOp.MUL, t, z, n);
      target.put(start, values, 0, n);
      tangents.put(start, t, 0, n);
    });
  }

  static void slope(UnaryOp op, HostBuffer z, HostBuffer t, HostBuffer y) {
    FloatBuffer places = z.floats();
    FloatBuffer source = t.floats();
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), part(op), (stage, start, n) -> {
      float[] slopes = stage.floats(0, n);
      float[] values = stage.floats(1, n);
      places.get(start, slopes, 0, n);
      source.get(start, values, 0, n);
      slope(op, slopes, slopes, n);
      Loops.binary(BinaryOp.MUL, values, slopes, n);
      target.put(start, values, 0, n);
    });
  }

  static void slopeDual(
      UnaryOp op, HostBuffer z, HostBuffer dz, HostBuffer t, HostBuffer dt, HostBuffer y,
      HostBuffer dy) {
    FloatBuffer places = z.floats();
    FloatBuffer moves = dz.floats();
    FloatBuffer source = t.floats();
    FloatBuffer directions = dt.floats();
    FloatBuffer target = y.writeFloats();
    FloatBuffer tangents = dy.writeFloats();
    chunks(y.elements(), part(op), (stage, start, n) -> {
      float[] slopes = stage.floats(0, n);
      float[] bends = stage.floats(1, n);
      float[] move = stage.floats(2, n);
      float[] values = stage.floats(3, n);
      float[] tangent = stage.floats(4, n);
      places.get(start, slopes, 0, n);
      moves.get(start, move, 0, n);
      source.get(start, values, 0, n);
      directions.get(start, tangent, 0, n);
      bend(op, slopes, bends, n);
      slope(op, slopes, slopes, n);
      for (int i = 0; i < n; i++) {
        tangent[i] = tangent[i] * slopes[i] + values[i] * bends[i] * move[i];
      }
      Loops.binary(BinaryOp.MUL, values, slopes, n);
      target.put(start, values, 0, n);
      tangents.put(start, tangent, 0, n);
    });
  }

  static void binary(
      BinaryOp op, HostBuffer a, HostBuffer da, HostBuffer b, HostBuffer db, HostBuffer y,
      HostBuffer dy) {
    FloatBuffer left = a.floats();
    FloatBuffer leftMoves = da.floats();
    FloatBuffer right = b.floats();
    FloatBuffer rightMoves = db.floats();
    FloatBuffer target = y.writeFloats();
    FloatBuffer tangents = dy.writeFloats();
    chunks(y.elements(), PART, (stage, start, n) -> {
      float[] u = stage.floats(0, n);
      float[] du = stage.floats(1, n);
      float[] v = stage.floats(2, n);
      float[] dv = stage.floats(3, n);
      left.get(start, u, 0, n);
      leftMoves.get(start, du, 0, n);
      right.get(start, v, 0, n);
      rightMoves.get(start, dv, 0, n);
      if (op == BinaryOp.MUL) {
        multiplyTangent(u, du, v, dv, n);
        Loops.binary(op, u, v, n);
      } else {
        Loops.binary(op, u, v, n);
        divideTangent(u, du, v, dv, n);
      }
      target.put(start, u, 0, n);
      tangents.put(start, du, 0, n);
    });
  }

  private static void multiplyTangent(float[] a, float[] da, float[] b, float[] db, int n) {
    for (int i = 0; i < n; i++) {
      da[i] = da[i] * b[i] + a[i] * db[i];
    }
  }

  /** With y = a/b. */
  private static void divideTangent(float[] y, float[] da, float[] b, float[] db, int n) {
    for (int i = 0; i < n; i++) {
      da[i] = (da[i] - y[i] * db[i]) / b[i];
    }
  }

  /** From the value, of the logarithm and GELU from the argument; out may be z. */
  private static void slope(UnaryOp op, float[] z, float[] out, int n) {
    switch (op) {
      case EXP -> System.arraycopy(z, 0, out, 0, n);
      case LOG -> over(1, z, out, n);
      case SQRT -> over(0.5f, z, out, n);
      case RECIPROCAL -> {
        for (int i = 0; i < n; i++) {
          out[i] = -z[i] * z[i];
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          out[i] = (1 - z[i]) * (1 + z[i]);
        }
      }
      case GELU -> Gelu.slope(z, out, n);
      default -> throw unknown(op);
    }
  }

  /** The derivative of the first derivative in z. */
  private static void bend(UnaryOp op, float[] z, float[] out, int n) {
    switch (op) {
      case EXP -> Arrays.fill(out, 0, n, 1);
      case LOG -> overSquare(-1, z, out, n);
      case SQRT -> overSquare(-0.5f, z, out, n);
      case RECIPROCAL, TANH -> {
        for (int i = 0; i < n; i++) {
          out[i] = -2 * z[i];
        }
      }
      case GELU -> Gelu.bend(z, out, n);
      default -> throw unknown(op);
    }
  }

  /** Elements of a part where only derivatives are computed: most are arithmetic alone. */
  private static int part(UnaryOp op) {
    return op == UnaryOp.GELU ? ElementwiseKernels.part(op) : PART;
  }

  private static void over(float numerator, float[] z, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = numerator / z[i];
    }
  }

  private static void overSquare(float numerator, float[] z, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = numerator / (z[i] * z[i]);
    }
  }

  private static IllegalArgumentException unknown(UnaryOp op) {
    return new IllegalArgumentException("host dual: no loop for " + op);
  }
}
