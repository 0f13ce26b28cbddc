package io.sagitta.kernels.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;

/**
 * Off-heap memory with a cache of freed blocks, so that a training step, whose shapes repeat, asks
 * the operating system for nothing after its first run. Blocks are 64-byte aligned and belong to
 * size classes an eighth apart. Where memory runs out, every cache of the process is emptied.
 */
class HostMemory implements AutoCloseable {
  private static final int ALIGNMENT = 64;

  /** Bytes of the longest block: all that a buffer of Java holds, less what alignment may take. */
  private static final long LONGEST = (1L << 31) - 2 * ALIGNMENT;

  /** A run of memory; {@code attachment} is free for a native library's view of the same bytes. */
  static final class Block {
    private final OffHeap whole;
    final ByteBuffer bytes;
    final int capacity;
    Object attachment;

    /** Whether the memory went back to the operating system; nothing may touch it then. */
    volatile boolean freed;

    private Block(int capacity) {
      this.whole = OffHeap.allocate(capacity + ALIGNMENT);
      this.bytes =
          whole.bytes().alignedSlice(ALIGNMENT).slice(0, capacity).order(ByteOrder.nativeOrder());
      this.capacity = capacity;
    }

    private void free() {
      freed = true;
      whole.free();
    }
  }

  /** Every memory of the process: what one has cached, another may need, and the limit is one. */
  private static final Set<HostMemory> ALL = Collections.newSetFromMap(new WeakHashMap<>());

  private final Map<Integer, ArrayDeque<Block>> cache = new TreeMap<>();
  private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean closed;
  private long liveBytes;
  private long peakBytes;

  HostMemory() {
    synchronized (ALL) {
      ALL.add(this);
    }
  }

  /** A block of at least {@code bytes} bytes with undefined contents. */
  Block take(long bytes) {
    int capacity = sizeClass(bytes);
    try {
      return block(capacity);
    } catch (OutOfMemoryError first) {
      // No lock is held here: two memories that ran out at once would wait for each other.
      List<HostMemory> all = all();
      all.forEach(HostMemory::trim);
      try {
        return block(capacity);
      } catch (OutOfMemoryError second) {
        long used = all.stream().mapToLong(HostMemory::liveBytes).sum();
        OutOfMemoryError error =
            new OutOfMemoryError(
                "host memory: " + capacity + " bytes asked for, " + used
                    + " in live buffers; use a smaller batch or raise -XX:MaxDirectMemorySize");
        error.initCause(second);
        throw error;
      }
    }
  }

  private synchronized Block block(int capacity) {
    if (closed) {
      throw new IllegalStateException("host memory: asked for a buffer after the backend closed");
    }
    ArrayDeque<Block> free = cache.get(capacity);
    Block cached = free == null ? null : free.pollLast();
    Block block = cached == null ? new Block(capacity) : cached;
    live.add(block);
    liveBytes += capacity;
    peakBytes = Math.max(peakBytes, liveBytes);
    return block;
  }

  private static List<HostMemory> all() {
    synchronized (ALL) {
      return List.copyOf(ALL);
    }
  }

  /** Takes a block back; one that {@link #close} has freed is left alone. */
  synchronized void give(Block block) {
    if (!live.remove(block)) {
      return;
    }
    liveBytes -= block.capacity;
    cache.computeIfAbsent(block.capacity, c -> new ArrayDeque<>()).addLast(block);
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

  /** Gives cached blocks back to the operating system. */
  synchronized void trim() {
    for (ArrayDeque<Block> blocks : cache.values()) {
      for (Block block : blocks) {
        block.free();
      }
    }
    cache.clear();
  }

  /** Gives all memory back, that of live blocks included. */
  @Override
  public synchronized void close() {
    closed = true;
    trim();
    for (Block block : live) {
      block.free();
    }
    live.clear();
    liveBytes = 0;
  }

  /** Rounds up to a multiple of an eighth of the power of two below, at least 64, or the longest. */
  static int sizeClass(long bytes) {
    if (bytes > LONGEST) {
      throw new OutOfMemoryError(
          "host memory: one buffer of " + bytes + " bytes asked for; at most 2 GiB are supported,"
              + " use a smaller batch");
    }
    long step = Math.max(ALIGNMENT, Long.highestOneBit(Math.max(1, bytes)) >> 3);
    long rounded = Math.max(ALIGNMENT, (bytes + step - 1) / step * step);
    return (int) Math.min(rounded, LONGEST);
  }
}
