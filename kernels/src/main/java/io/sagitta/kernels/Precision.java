package io.sagitta.kernels;

/**
 * The arithmetic of a convolution or matrix product. It is an argument of each call, never a global
 * setting, so that no result loses digits without its caller having asked.
 */
public enum Precision {
  /** Operands and sums as exact as IEEE binary32 arithmetic gives. */
  FP32,
  /** Operands rounded to bfloat16, products summed in binary32. */
  BF16
}
