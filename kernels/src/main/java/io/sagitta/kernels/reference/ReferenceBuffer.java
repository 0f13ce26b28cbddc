package io.sagitta.kernels.reference;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import java.util.Arrays;

/**
 * Elements in a Java array: {@link DType#F64} or {@link DType#I32}. Every access is checked against
 * this buffer's own bounds, so that a kernel that strays from a slice into its neighbour fails.
 * Fresh elements are NaN (or the least integer), so that one read before it is written shows.
 */
final class ReferenceBuffer extends Buffer {
  private final ReferenceMemory memory;
  private final ReferenceBuffer base;
  private final ReferenceBuffer root;
  private final int start;
  private final int length;

  /** The elements of a root; null in slices and after the memory was given back. */
  private double[] numbers;

  private int[] indices;

  ReferenceBuffer(ReferenceMemory memory, DType type, long elements) {
    super(type, elements);
    this.memory = memory;
    this.base = null;
    this.root = this;
    this.start = 0;
    this.length = (int) elements;
    if (type == DType.I32) {
      indices = new int[length];
      Arrays.fill(indices, Integer.MIN_VALUE);
    } else {
      numbers = new double[length];
      Arrays.fill(numbers, Double.NaN);
    }
  }

  private ReferenceBuffer(ReferenceBuffer base, int start, int length) {
    super(base.type(), length);
    this.memory = base.memory;
    this.base = base;
    this.root = base.root;
    this.start = start;
    this.length = length;
  }

  /** A live floating-point buffer of this backend. */
  static ReferenceBuffer numbers(Buffer buffer) {
    return check(buffer, DType.F64);
  }

  /** A live index buffer of this backend. */
  static ReferenceBuffer indices(Buffer buffer) {
    return check(buffer, DType.I32);
  }

  private static ReferenceBuffer check(Buffer buffer, DType type) {
    if (!(buffer instanceof ReferenceBuffer own)) {
      throw new IllegalArgumentException(
          "reference: expected a buffer of the reference backend, got "
              + (buffer == null ? "null" : buffer.getClass().getSimpleName()));
    }
    if (own.type() != type) {
      throw new IllegalArgumentException(
          "reference: expected a buffer of type " + type + ", got " + own.type());
    }
    if (!own.isLive() || (own.root.numbers == null && own.root.indices == null)) {
      throw new IllegalStateException("buffer used after its scope closed");
    }
    return own;
  }

  double get(long index) {
    return root.numbers[place(index)];
  }

  void set(long index, double value) {
    root.numbers[place(index)] = value;
  }

  void add(long index, double value) {
    root.numbers[place(index)] += value;
  }

  int index(long index) {
    return root.indices[place(index)];
  }

  void setIndex(long index, int value) {
    root.indices[place(index)] = value;
  }

  /** Every number becomes {@code value}. */
  void fill(double value) {
    Arrays.fill(root.numbers, start, start + length, value);
  }

  /** The numbers that this buffer lies in, from {@link #start} on. */
  double[] array() {
    return root.numbers;
  }

  /** Where in {@link #array} this buffer begins. */
  int start() {
    return start;
  }

  private int place(long index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(
          "reference: element " + index + " of a buffer of " + length);
    }
    return start + (int) index;
  }

  @Override
  public ReferenceBuffer slice(long offset, long elements) {
    if (offset < 0 || elements < 0 || offset > length - elements) {
      throw new IndexOutOfBoundsException(
          "buffer: elements " + offset + " to " + (offset + elements) + " of " + length);
    }
    retain();
    return new ReferenceBuffer(this, start + (int) offset, (int) elements);
  }

  @Override
  protected void free() {
    if (base == null) {
      memory.give(this);
      forget();
    } else {
      base.release();
    }
  }

  /** Lets the elements go. */
  void forget() {
    numbers = null;
    indices = null;
  }
}
