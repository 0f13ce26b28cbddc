package io.sagitta.kernels.host;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Off-heap elements of the host backend: {@link DType#F32} or {@link DType#I32}. */
final class HostBuffer extends Buffer {
  private final HostMemory memory;
  private final HostMemory.Block block;
  private final HostBuffer base;
  private final int byteOffset;
  private final FloatBuffer floats;
  private final IntBuffer ints;

  /** What a library derived from the contents, such as packed weights; null after a write. */
  private volatile AutoCloseable derived;

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
    ByteBuffer bytes =
        block.bytes.slice(byteOffset, Math.toIntExact(bytes())).order(ByteOrder.nativeOrder());
    this.floats = type == DType.F32 ? bytes.asFloatBuffer() : null;
    this.ints = type == DType.I32 ? bytes.asIntBuffer() : null;
  }

  /** The elements of a live F32 buffer, index 0 the first. */
  FloatBuffer floats() {
    checkLive();
    return floats;
  }

  /** The elements of a live I32 buffer, index 0 the first. */
  IntBuffer ints() {
    checkLive();
    return ints;
  }

  /** The memory this buffer lies in, {@link #byteOffset} bytes from its start. */
  HostMemory.Block block() {
    checkLive();
    return block;
  }

  int byteOffset() {
    return byteOffset;
  }

  /** What was derived from the contents since the last write, or null. */
  AutoCloseable derived() {
    return derived;
  }

  void derived(AutoCloseable value) {
    AutoCloseable old = derived;
    derived = value;
    close(old);
  }

  /** Says that the contents change: what was derived from them no longer holds. */
  void touch() {
    if (derived != null) {
      derived(null);
    }
    if (base != null) {
      base.touch();
    }
  }

  @Override
  public HostBuffer slice(long offset, long elements) {
    if (offset < 0 || elements < 0 || offset + elements > elements()) {
      throw new IndexOutOfBoundsException(
          "buffer: elements " + offset + " to " + (offset + elements) + " of " + elements());
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

  private void checkLive() {
    if (!isLive()) {
      throw new IllegalStateException("buffer used after its scope closed");
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
