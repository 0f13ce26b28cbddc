package io.sagitta.kernels;

import java.util.Arrays;

/**
 * The arithmetic of a convolution or matrix product. It is an argument of each call, never a global
 * setting, so that no result loses digits without its caller having asked.
 */
public enum Precision {
  /** Operands and sums as exact as IEEE binary32 arithmetic gives. */
  FP32("fp32"),
  /**
   * Three TF32 products in the place of each binary32 one: operands are cut into two parts of 11
   * bits, and only the product of the lower parts is left out. As accurate as {@link #FP32} and, on
   * tensor cores, faster; but infinite operands, and those that TF32 rounds to infinity, give NaN.
   */
  TF32X3("tf32x3"),
  /** Operands rounded to 11 significant bits in binary32's range, products summed in binary32. */
  TF32("tf32"),
  /** Operands rounded to bfloat16, products summed in binary32. */
  BF16("bf16");

  private final String id;

  Precision(String id) {
    this.id = id;
  }

  /**
   * The precision of a name.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static Precision of(String id) {
    for (Precision precision : values()) {
      if (precision.id.equals(id)) {
        return precision;
      }
    }
    throw new IllegalArgumentException(
        "precision: expected one of " + Arrays.toString(values()) + ", got '" + id + "'");
  }

  /** The name on the command line and in run files. */
  @Override
  public String toString() {
    return id;
  }
}
