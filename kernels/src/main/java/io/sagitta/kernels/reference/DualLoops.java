package io.sagitta.kernels.reference;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.UnaryOp;

/** Values and their derivatives along a direction. */
final class DualLoops {
  private DualLoops() {}

  static void unary(
      UnaryOp op, ReferenceBuffer x, ReferenceBuffer dx, ReferenceBuffer y, ReferenceBuffer dy) {
    ElementLoops.unary(op, x, y);
    slope(op, op.slopeReadsArgument() ? x : y, dx, dy);
  }

  /** y = op′·t. */
  static void slope(UnaryOp op, ReferenceBuffer z, ReferenceBuffer t, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, slope(op, z.get(i)) * t.get(i));
    }
  }

  /** The same and dy = op′·dt + (op′)′(z)·dz·t. */
  static void slope(
      UnaryOp op, ReferenceBuffer z, ReferenceBuffer dz, ReferenceBuffer t, ReferenceBuffer dt,
      ReferenceBuffer y, ReferenceBuffer dy) {
    slope(op, z, t, y);
    for (long i = 0; i < y.elements(); i++) {
      double bent = bend(op, z.get(i)) * dz.get(i) * t.get(i);
      dy.set(i, slope(op, z.get(i)) * dt.get(i) + bent);
    }
  }

  /** The first derivative, from the value; of the logarithm from the argument. */
  private static double slope(UnaryOp op, double z) {
    return switch (op) {
      case EXP -> z;
      case LOG -> 1 / z;
      case SQRT -> 0.5 / z;
      case RECIPROCAL -> -z * z;
      case TANH -> (1 - z) * (1 + z);
      default -> throw unknown(op);
    };
  }

  /** The derivative of {@link #slope(UnaryOp, double)} in z. */
  private static double bend(UnaryOp op, double z) {
    return switch (op) {
      case EXP -> 1;
      case LOG -> -1 / (z * z);
      case SQRT -> -0.5 / (z * z);
      case RECIPROCAL, TANH -> -2 * z;
      default -> throw unknown(op);
    };
  }

  static void binary(
      BinaryOp op, ReferenceBuffer a, ReferenceBuffer da, ReferenceBuffer b, ReferenceBuffer db,
      ReferenceBuffer y, ReferenceBuffer dy) {
    ElementLoops.binary(op, a, b, y);
    for (long i = 0; i < y.elements(); i++) {
      dy.set(
          i,
          switch (op) {
            case MUL -> da.get(i) * b.get(i) + a.get(i) * db.get(i);
            case DIV -> (da.get(i) - y.get(i) * db.get(i)) / b.get(i);
            default -> throw unknown(op);
          });
    }
  }

  /** dy = p∘(dx − ⟨p, dx⟩) of each row. */
  static void softmax(
      ReferenceBuffer p, ReferenceBuffer dx, ReferenceBuffer dy, long rows, long columns) {
    for (long r = 0; r < rows; r++) {
      double mean = 0;
      for (long i = r * columns; i < (r + 1) * columns; i++) {
        mean += p.get(i) * dx.get(i);
      }
      for (long i = r * columns; i < (r + 1) * columns; i++) {
        dy.set(i, p.get(i) * (dx.get(i) - mean));
      }
    }
  }

  private static IllegalArgumentException unknown(Enum<?> op) {
    return new IllegalArgumentException("reference dual: no loop for " + op);
  }
}
