package io.sagitta.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Page-locked host memory that copies go through, a ring of slots. A copy asks for room in the
 * slot that is being filled; only when the ring has come round to a slot whose copies are not done
 * does it wait. Used by one thread at a time: {@link CudaTransfer} sees to that.
 */
final class CudaStaging implements AutoCloseable {
  /** The most that {@link #reserve} gives at once: a slot. */
  static final int MOST_BYTES = 4 << 20;

  private static final int SLOTS = 4;
  private static final int ALIGNMENT = 16;

  /** A part of the ring, with the mark behind its latest copy. */
  static final class Slot {
    private final Pointer start = new Pointer();
    private final ByteBuffer bytes;
    private final CudaEvent copied = CudaEvent.waiting();
    private boolean pending;
    private int used;

    private Slot() {
      Cuda.check(JCudaDriver.cuMemAllocHost(start, MOST_BYTES), "cuMemAllocHost", MOST_BYTES);
      bytes = start.getByteBuffer(0, MOST_BYTES).order(ByteOrder.nativeOrder());
    }

    /** The slot's memory; the caller's is what {@link CudaStaging#reserve} gave it. */
    ByteBuffer bytes() {
      return bytes;
    }

    Pointer at(int offset) {
      return start.withByteOffset(offset);
    }

    /** Marks that the copies asked for so far are the slot's. */
    void mark(CUstream stream) {
      copied.record(stream);
      pending = true;
    }

    /** Waits until the copies that were marked are done. */
    void await() {
      if (pending) {
        copied.await();
        pending = false;
      }
    }
  }

  private final CUstream stream;
  private final Slot[] slots = new Slot[SLOTS];
  private int current;
  private int offset;

  CudaStaging(CUstream stream) {
    this.stream = stream;
  }

  /** Makes room for {@code bytes} bytes in the slot returned, from {@link #offset} on. */
  Slot reserve(int bytes) {
    Slot slot = slot();
    if (slot.used + bytes > MOST_BYTES) {
      slot.mark(stream);
      current = (current + 1) % SLOTS;
      slot = slot();
      slot.await();
      slot.used = 0;
    }
    offset = slot.used;
    slot.used += (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    return slot;
  }

  /** Where in its slot the room made last begins. */
  int offset() {
    return offset;
  }

  private Slot slot() {
    if (slots[current] == null) {
      slots[current] = new Slot();
    }
    return slots[current];
  }

  /** Frees the memory; on a lost device it is gone already, so that results say nothing. */
  @Override
  public void close() {
    for (int i = 0; i < SLOTS; i++) {
      if (slots[i] != null) {
        slots[i].copied.close();
        JCudaDriver.cuMemFreeHost(slots[i].start);
        slots[i] = null;
      }
    }
  }
}
