package io.sagitta.kernels.reference;

import io.sagitta.kernels.DType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Counts the bytes in live buffers and takes all of them back when the backend closes. */
final class ReferenceMemory {
  /** The longest array that every JVM makes. */
  private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 8;

  private final Set<ReferenceBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private long liveBytes;
  private long peakBytes;
  private boolean closed;

  synchronized ReferenceBuffer take(DType type, long elements) {
    if (closed) {
      throw new IllegalStateException("reference: the backend is closed");
    }
    if (type != DType.F64 && type != DType.I32) {
      throw new IllegalArgumentException(
          "reference: allocate: expected type F64 or I32, got " + type + "; its numbers are F64");
    }
    ReferenceBuffer buffer = make(type, elements);
    live.add(buffer);
    liveBytes += buffer.bytes();
    peakBytes = Math.max(peakBytes, liveBytes);
    return buffer;
  }

  private ReferenceBuffer make(DType type, long elements) {
    OutOfMemoryError cause = null;
    if (elements <= MAX_ELEMENTS) {
      try {
        return new ReferenceBuffer(this, type, elements);
      } catch (OutOfMemoryError e) {
        cause = e;
      }
    }
    OutOfMemoryError error =
        new OutOfMemoryError(
            "reference: " + elements + " elements of type " + type + " asked for, at most "
                + MAX_ELEMENTS + " in one buffer; " + liveBytes + " bytes in live buffers");
    error.initCause(cause);
    throw error;
  }

  synchronized void give(ReferenceBuffer buffer) {
    if (live.remove(buffer)) {
      liveBytes -= buffer.bytes();
    }
  }

  synchronized long liveBytes() {
    return liveBytes;
  }

  synchronized long peakBytes() {
    return peakBytes;
  }

  synchronized void resetPeak() {
    peakBytes = liveBytes;
  }

  synchronized void close() {
    closed = true;
    live.forEach(ReferenceBuffer::forget);
    live.clear();
    liveBytes = 0;
  }
}
