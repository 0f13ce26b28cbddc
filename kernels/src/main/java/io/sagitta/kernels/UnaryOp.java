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
  STEP
}
