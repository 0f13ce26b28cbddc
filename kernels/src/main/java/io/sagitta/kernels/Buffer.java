package io.sagitta.kernels;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A run of elements in a backend's memory, held by reference count. Only the backend that made it
 * looks inside.
 */
public abstract class Buffer implements Resource {
  private final DType type;
  private final long elements;
  private final AtomicInteger holds = new AtomicInteger(1);

  /**
   * @param type the element type
   * @param elements how many; 0 is allowed
   */
  protected Buffer(DType type, long elements) {
    if (elements < 0) {
      throw new IllegalArgumentException("buffer: expected elements >= 0, got " + elements);
    }
    this.type = type;
    this.elements = elements;
  }

  /** The element type. */
  public final DType type() {
    return type;
  }

  /** Length in elements. */
  public final long elements() {
    return elements;
  }

  /** Length in bytes. */
  @Override
  public final long bytes() {
    return elements * type.bytes();
  }

  /** Whether the memory is still there. */
  public final boolean isLive() {
    return holds.get() > 0;
  }

  @Override
  public final void retain() {
    int before = holds.getAndUpdate(h -> h > 0 ? h + 1 : h);
    if (before <= 0) {
      throw new IllegalStateException("buffer used after its scope closed");
    }
  }

  @Override
  public final void release() {
    int left = holds.decrementAndGet();
    if (left == 0) {
      free();
    } else if (left < 0) {
      holds.set(0);
      throw new IllegalStateException("buffer released more often than it was held");
    }
  }

  /**
   * A view of {@code elements} elements from {@code offset} on, with a hold of its own on this
   * buffer's memory. Writing to either shows in both.
   */
  public abstract Buffer slice(long offset, long elements);

  /** Gives the memory back. */
  protected abstract void free();
}
