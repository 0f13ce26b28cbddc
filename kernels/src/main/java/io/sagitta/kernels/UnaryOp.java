package io.sagitta.kernels;

/** Elementwise functions of one argument. */
public enum UnaryOp {
  /** e^x. */
  EXP,
  /** Natural logarithm. */
  LOG,
  /** Square root. */
  SQRT,
  /** 1/x. */
  RECIPROCAL,
  /** Hyperbolic tangent. */
  TANH,
  /** |x|. */
  ABS,
  /** −1, 0 or 1. */
  SIGN,
  /** max(x, 0); a NaN stays a NaN. */
  RELU,
  /** 1 where x &gt; 0, else 0. */
  STEP;

  /** Whether there are derivatives of every order, and kernels for the first two. */
  public boolean isSmooth() {
    return switch (this) {
      case EXP, LOG, SQRT, RECIPROCAL, TANH -> true;
      case ABS, SIGN, RELU, STEP -> false;
    };
  }

  /** Whether the first derivative is read from the argument; else it is from the value. */
  public boolean slopeReadsArgument() {
    return this == LOG;
  }
}
