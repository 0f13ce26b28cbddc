package io.sagitta.kernels.reference;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.UnaryOp;

/** One element at a time. */
final class ElementLoops {
  private ElementLoops() {}

  static double apply(UnaryOp op, double x) {
    return switch (op) {
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case TANH -> Math.tanh(x);
      case GELU -> Gelu.value(x);
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case RELU -> Math.max(x, 0);
      case STEP -> x > 0 ? 1 : 0;
    };
  }

  static double apply(BinaryOp op, double a, double b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case GREATER -> a > b ? 1 : 0;
      case MASK -> b > 0 ? a : 0;
    };
  }

  static void unary(UnaryOp op, ReferenceBuffer x, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, apply(op, x.get(i)));
    }
  }

  static void affine(ReferenceBuffer x, double scale, double shift, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, scale * x.get(i) + shift);
    }
  }

  static void binary(BinaryOp op, ReferenceBuffer a, ReferenceBuffer b, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, apply(op, a.get(i), b.get(i)));
    }
  }

  static void binary(
      BinaryOp op, ReferenceBuffer a, long[] aStrides, ReferenceBuffer b, long[] bStrides,
      ReferenceBuffer y, long[] shape) {
    long count = count(shape);
    for (long i = 0; i < count; i++) {
      long[] at = unravel(i, shape);
      y.set(i, apply(op, a.get(dot(at, aStrides)), b.get(dot(at, bStrides))));
    }
  }

  static void accumulate(ReferenceBuffer x, double scale, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.add(i, scale * x.get(i));
    }
  }

  static void copy(
      ReferenceBuffer source, long sourceOffset, long[] sourceStrides, ReferenceBuffer target,
      long targetOffset, long[] targetStrides, long[] shape) {
    long count = count(shape);
    for (long i = 0; i < count; i++) {
      long[] at = unravel(i, shape);
      target.set(
          targetOffset + dot(at, targetStrides), source.get(sourceOffset + dot(at, sourceStrides)));
    }
  }

  static void sgd(
      ReferenceBuffer weight, ReferenceBuffer gradient, ReferenceBuffer velocity, double rate,
      double momentum, double weightDecay, boolean nesterov) {
    for (long i = 0; i < weight.elements(); i++) {
      double g = gradient.get(i) + weightDecay * weight.get(i);
      double v = momentum * velocity.get(i) + g;
      velocity.set(i, v);
      weight.add(i, -rate * (nesterov ? g + momentum * v : v));
    }
  }

  /** Elements of a box. */
  private static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }

  /** The index along each axis of element {@code i} of a row-major box. */
  private static long[] unravel(long i, long[] shape) {
    long[] at = new long[shape.length];
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = i % shape[axis];
      i /= shape[axis];
    }
    return at;
  }

  private static long dot(long[] at, long[] strides) {
    long sum = 0;
    for (int axis = 0; axis < at.length; axis++) {
      sum += at[axis] * strides[axis];
    }
    return sum;
  }
}
