package io.sagitta.kernels;

/** The element types that a {@link Buffer} may hold. */
public enum DType {
  /** IEEE 754 binary32: what models compute with. */
  F32(4),
  /** IEEE 754 binary64: what oracles compute with. */
  F64(8),
  /**
   * bfloat16, the upper half of a binary32: how images may be stored where products are computed in
   * {@link Precision#BF16}.
   */
  BF16(2),
  /** Two's complement 32-bit integers: labels, row indices, pooling winners. */
  I32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
