package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;

/** Elements in device memory: {@link DType#F32}, {@link DType#I32}, or {@link DType#BF16} of images. */
final class CudaBuffer extends Buffer {
  private final CudaMemory memory;
  private final Block block;
  private final CudaBuffer base;
  private final Address address;

  CudaBuffer(CudaMemory memory, DType type, long elements) {
    super(type, elements);
    this.memory = memory;
    this.block = memory.take(bytes());
    this.base = null;
    this.address = block.address();
  }

  private CudaBuffer(CudaBuffer base, long offset, long elements) {
    super(base.type(), elements);
    this.memory = base.memory;
    this.block = base.block;
    this.base = base;
    this.address = base.address.plus(offset * base.type().bytes());
  }

  /**
   * The buffer as one of this backend.
   *
   * @throws IllegalArgumentException if it is another's, or of BF16, which only images may be
   */
  static CudaBuffer of(Buffer buffer) {
    CudaBuffer own = images(buffer);
    if (own.type() == DType.BF16) {
      throw unexpected(DType.F32, own);
    }
    return own;
  }

  /** {@link #of}, or null for null. */
  static CudaBuffer ofNullable(Buffer buffer) {
    return buffer == null ? null : of(buffer);
  }

  /** Images, which may be of BF16, as a buffer of this backend. */
  static CudaBuffer images(Buffer buffer) {
    if (buffer instanceof CudaBuffer) {
      return (CudaBuffer) buffer;
    }
    throw new IllegalArgumentException(
        "cuda: expected a buffer of the CUDA backend, got "
            + (buffer == null ? "null" : buffer.getClass().getSimpleName()));
  }

  /** Images of products in this precision, which may be of BF16 if it is. */
  static CudaBuffer images(Buffer buffer, Precision precision) {
    CudaBuffer own = images(buffer);
    if (own.type() == DType.BF16 && precision != Precision.BF16) {
      throw new IllegalArgumentException(
          "cuda: expected images of F32 for products in " + precision + ", got BF16");
    }
    return own;
  }

  /** Other images of a call: they have the type of these. */
  CudaBuffer like(Buffer others) {
    CudaBuffer own = images(others);
    if (own.type() != type()) {
      throw unexpected(type(), own);
    }
    return own;
  }

  /** {@link #like}, or null for null. */
  CudaBuffer likeNullable(Buffer others) {
    return others == null ? null : like(others);
  }

  private static IllegalArgumentException unexpected(DType expected, CudaBuffer got) {
    return new IllegalArgumentException(
        "cuda: expected a buffer of " + expected + ", got " + got.type());
  }

  /** Where the elements of this live buffer begin. */
  Address address() {
    if (!isLive()) {
      throw new IllegalStateException("buffer used after its scope closed");
    }
    if (block.isGone()) {
      throw new IllegalStateException("buffer used after its backend closed");
    }
    return address;
  }

  /**
   * Where elements {@code offset} to {@code offset + count} of this live buffer begin.
   *
   * @throws IllegalArgumentException if it holds another type
   * @throws IndexOutOfBoundsException if it does not have them
   */
  Address range(String call, DType expected, long offset, long count) {
    if (type() != expected) {
      throw new IllegalArgumentException(
          "cuda: " + call + ": expected a buffer of " + expected + ", got " + type());
    }
    if (offset < 0 || count < 0 || count > elements() - offset) {
      throw new IndexOutOfBoundsException(
          "cuda: " + call + ": expected a part of " + elements() + " elements, got " + count
              + " from " + offset + " on");
    }
    return address().plus(offset * type().bytes());
  }

  @Override
  public CudaBuffer slice(long offset, long elements) {
    if (offset < 0 || elements < 0 || elements > elements() - offset) {
      throw new IndexOutOfBoundsException(
          "buffer: slice of " + elements + " elements from " + offset + " on, of " + elements());
    }
    retain();
    return new CudaBuffer(this, offset, elements);
  }

  @Override
  protected void free() {
    if (base == null) {
      memory.give(block);
    } else {
      base.release();
    }
  }
}
