package io.sagitta.kernels;

/** Elementwise functions of two arguments. */
public enum BinaryOp {
  /** a + b. */
  ADD,
  /** a − b. */
  SUB,
  /** a · b. */
  MUL,
  /** a / b. */
  DIV,
  /** The greater of both; a NaN in either stays a NaN. */
  MAX,
  /** 1 where a &gt; b, else 0. */
  GREATER,
  /** a where b &gt; 0, else 0: the gradient of a rectifier whose output (or input) is b. */
  MASK
}
