package io.sagitta.kernels.host;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Off-heap elements of the host backend: {@link DType#F32}, {@link DType#BF16} or {@link
 * DType#I32}.
 */
final class HostBuffer extends Buffer {
  private final HostMemory memory;
  private final HostMemory.Block block;
  private final HostBuffer base;
  private final int byteOffset;
  private final FloatBuffer floats;
  private final IntBuffer ints;
  private final ShortBuffer shorts;

  /** Counts the writes to a buffer and all its slices, which share it. */
  private final AtomicLong writes;

  /** What a library derived from the contents, such as packed weights. */
  private AutoCloseable derived;

  /** The number of writes when {@link #derived} was made; it holds while there are no more. */
  private long derivedAt;

  HostBuffer(HostMemory memory, DType type, long elements) {
    this(memory, memory.take(elements * type.bytes()), null, 0, type, elements);
  }

  private HostBuffer(
      HostMemory memory, HostMemory.Block block, HostBuffer base, int byteOffset, DType type,
      long elements) {
    super(type, elements);
    this.memory = memory;
    this.block = block;
    this.base = base;
    this.byteOffset = byteOffset;
    this.writes = base == null ? new AtomicLong() : base.writes;
    ByteBuffer bytes =
        block.bytes.slice(byteOffset, Math.toIntExact(bytes())).order(ByteOrder.nativeOrder());
    this.floats = type == DType.F32 ? bytes.asFloatBuffer() : null;
    this.ints = bytes.asIntBuffer();
    this.shorts = type == DType.BF16 ? bytes.asShortBuffer() : null;
  }

  /** The buffer as one of this backend. */
  static HostBuffer of(Buffer buffer) {
    if (buffer instanceof HostBuffer) {
      return (HostBuffer) buffer;
    }
    throw new IllegalArgumentException(
        "host: expected a buffer of the host backend, got "
            + (buffer == null ? "null" : buffer.getClass().getSimpleName()));
  }

  /** The same, or null where there is none. */
  static HostBuffer ofNullable(Buffer buffer) {
    return buffer == null ? null : of(buffer);
  }

  /** The elements of a live F32 buffer, index 0 the first. */
  FloatBuffer floats() {
    check(DType.F32);
    return floats;
  }

  /** The elements of a live F32 buffer that is about to be written. */
  FloatBuffer writeFloats() {
    check(DType.F32);
    touch();
    return floats;
  }

  /** The elements of a live I32 buffer, index 0 the first. */
  IntBuffer ints() {
    check(DType.I32);
    return ints;
  }

  /** The elements of a live I32 buffer that is about to be written. */
  IntBuffer writeInts() {
    check(DType.I32);
    touch();
    return ints;
  }

  /** The bits of the elements of a live F32 buffer. */
  IntBuffer bits() {
    check(DType.F32);
    return ints;
  }

  /** The bits of the elements of a live F32 buffer that is about to be written. */
  IntBuffer writeBits() {
    check(DType.F32);
    touch();
    return ints;
  }

  /** Pairs of elements of a live BF16 buffer, the first of a pair in the lower half. */
  IntBuffer words() {
    check(DType.BF16);
    return ints;
  }

  /** Pairs of elements of a live BF16 buffer that is about to be written. */
  IntBuffer writeWords() {
    check(DType.BF16);
    touch();
    return ints;
  }

  /** The elements of a live BF16 buffer one by one. */
  ShortBuffer shorts() {
    check(DType.BF16);
    return shorts;
  }

  /** The memory this buffer lies in, {@link #byteOffset} bytes from its start. */
  HostMemory.Block block() {
    check(type());
    return block;
  }

  int byteOffset() {
    return byteOffset;
  }

  /** What was derived from the contents since the last write to any part of them, or null. */
  synchronized AutoCloseable derived() {
    return derivedAt == writes.get() ? derived : null;
  }

  /** Keeps something derived from the contents as they are; closes what was kept before. */
  synchronized void derived(AutoCloseable value) {
    AutoCloseable old = derived;
    derived = value;
    derivedAt = writes.get();
    if (old != value) {
      close(old);
    }
  }

  /** Says that the contents change: what was derived from them, here or in a slice, is stale. */
  void touch() {
    writes.incrementAndGet();
  }

  @Override
  public HostBuffer slice(long offset, long elements) {
    if (offset < 0 || elements < 0 || elements > elements() - offset) {
      throw new IndexOutOfBoundsException(
          "buffer: slice of " + elements + " elements from " + offset + " on, of " + elements());
    }
    retain();
    int start = byteOffset + Math.toIntExact(offset * type().bytes());
    return new HostBuffer(memory, block, this, start, type(), elements);
  }

  @Override
  protected void free() {
    derived(null);
    if (base == null) {
      memory.give(block);
    } else {
      base.release();
    }
  }

  /** Throws unless this is live and has elements of the expected type. */
  void check(DType expected) {
    if (!isLive()) {
      throw new IllegalStateException("buffer used after its scope closed");
    }
    if (block.freed) {
      throw new IllegalStateException("buffer used after its backend closed");
    }
    if (type() != expected) {
      throw new IllegalArgumentException(
          "host: expected a buffer of " + expected + ", got " + type());
    }
  }

  private static void close(AutoCloseable resource) {
    if (resource != null) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("could not free derived data", e);
      }
    }
  }
}
