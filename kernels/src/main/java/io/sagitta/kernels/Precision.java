package io.sagitta.kernels;

import java.util.Arrays;

/**
 * The arithmetic of a convolution or matrix product. It is an argument of each call, never a global
 * setting, so that no result loses digits without its caller having asked.
 */
public enum Precision {
  /** Operands and sums as exact as IEEE binary32 arithmetic gives. */
  FP32("fp32"),
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
