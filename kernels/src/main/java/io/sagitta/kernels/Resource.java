package io.sagitta.kernels;

/**
 * Something held by reference count. It is born with one hold, which belongs to whoever made it,
 * and gives its memory back when the last hold is released.
 */
public interface Resource {
  /** Adds a hold. */
  void retain();

  /** Removes a hold; the last one frees. */
  void release();

  /** Bytes of memory behind it, which others may share. */
  long bytes();
}
