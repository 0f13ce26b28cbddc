package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Scope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The arena of one device. Large chunks come from the driver and are cut into blocks, best fit
 * first; what is given back merges with its free neighbours. Kernels of one stream run in order, so
 * a block may be handed on while kernels that used it are still to run. Small and large blocks live
 * in chunks of different kinds, so that small ones that stay do not leave large chunks in pieces.
 *
 * <p>While a graph is {@linkplain #hold captured}, what is taken or given back belongs to the
 * graph, which goes on using it at every launch; what an earlier graph took stays that one's.
 */
final class CudaMemory implements AutoCloseable {
  /** Where chunks come from. */
  interface Source {
    /** Memory, or null where there is not as much. */
    Address take(long bytes);

    /** Takes back what {@link #take} gave. */
    void give(Address address);

    /** Waits for everything that may still use memory given back. */
    void settle();

    /** What is free and how much there is, in words. */
    String state();
  }

  /** Blocks up to this lie in chunks of {@link #SMALL_CHUNK}. */
  static final long SMALL = 512L << 10;

  static final long SMALL_CHUNK = 2L << 20;
  static final long LARGE_CHUNK = 32L << 20;

  /** Lengths are multiples of these: the driver's own alignment, and a fair share of SMALL. */
  private static final long SMALL_GRAIN = 512;

  private static final long LARGE_GRAIN = 64L << 10;
  private static final int LENGTHS_NAMED = 5;

  private final Source source;
  private final String device;
  private final boolean exact;
  private final FreeBlocks everybodys = new FreeBlocks();
  private final Set<Block.Chunk> chunks = new LinkedHashSet<>();
  private FreeBlocks held;
  private boolean closed;
  private long serial;
  private long reserved;
  private long live;
  private long peak;

  /**
   * @param device names the memory in errors
   * @param exact whether each block is a piece of the driver's own, of exactly the length asked for
   *     and given back at once: what tools that look for stray accesses need
   */
  CudaMemory(Source source, String device, boolean exact) {
    this.source = source;
    this.device = device;
    this.exact = exact;
  }

  /**
   * A block of at least {@code bytes} bytes with undefined contents.
   *
   * @throws OutOfMemoryError if the device has no more
   */
  synchronized Block take(long bytes) {
    if (closed) {
      throw new IllegalStateException(device + ": asked for a buffer after the backend closed");
    }
    long size = rounded(bytes);
    if (bytes < 0 || size < bytes) {
      throw outOfMemory(Long.MAX_VALUE);
    }
    Block block = null;
    if (!exact) {
      block = held == null ? null : held.poll(size, size <= SMALL);
      block = block == null ? everybodys.poll(size, size <= SMALL) : block;
    }
    if (block == null) {
      block = fresh(bytes, size);
    }
    Block rest = block.cut(size);
    if (rest != null) {
      rest.owner.add(rest);
    }
    block.owner = held == null ? everybodys : held;
    live += size;
    peak = Math.max(peak, live);
    return block;
  }

  /** Takes a block back; one that {@link #close} has freed is left alone. */
  synchronized void give(Block block) {
    if (block.isGone() || block.free) {
      return;
    }
    live -= block.bytes;
    // Another graph's stays that one's, which writes to it at its next launch.
    if (held != null && block.owner == everybodys) {
      block.owner = held;
    }
    pool(block);
  }

  /** Makes a block free to its owner, together with free neighbours of the same. */
  private void pool(Block block) {
    if (exact && block.owner == everybodys) {
      discard(block.chunk);
      return;
    }
    Block whole = block;
    if (isFreeTo(block.owner, block.after)) {
      block.owner.remove(block.after);
      block.absorbNext();
    }
    if (isFreeTo(block.owner, block.before)) {
      whole = block.before;
      whole.owner.remove(whole);
      whole.absorbNext();
    }
    whole.owner.add(whole);
  }

  private static boolean isFreeTo(FreeBlocks owner, Block block) {
    return block != null && block.free && block.owner == owner;
  }

  private Block fresh(long asked, long size) {
    boolean small = size <= SMALL;
    long bytes = exact ? size : small ? SMALL_CHUNK : Math.max(LARGE_CHUNK, size);
    Address address = source.take(bytes);
    if (address == null && held == null) {
      trim();
      bytes = size;
      address = source.take(bytes);
    }
    if (address == null) {
      throw outOfMemory(asked);
    }
    Block.Chunk chunk = new Block.Chunk(address, bytes, small, serial++);
    chunk.first = new Block(chunk, 0, bytes, everybodys);
    chunks.add(chunk);
    reserved += bytes;
    return chunk.first;
  }

  /** Gives chunks that are free from end to end back to the driver. */
  synchronized void trim() {
    source.settle();
    for (Block.Chunk chunk : List.copyOf(chunks)) {
      Block first = chunk.first;
      if (first.isWholeChunk() && isFreeTo(everybodys, first)) {
        everybodys.remove(first);
        discard(chunk);
      }
    }
  }

  private void discard(Block.Chunk chunk) {
    for (Block block = chunk.first; block != null; block = block.after) {
      block.setGone();
    }
    chunks.remove(chunk);
    reserved -= chunk.bytes;
    source.give(chunk.address);
  }

  /** From now on a graph is captured: what is taken or given back is put aside for it. */
  synchronized void hold(FreeBlocks graph) {
    held = graph;
  }

  /** The capture is over; what was put aside stays so. */
  synchronized void endHold() {
    held = null;
  }

  /** The graph is gone: what was put aside for it is everybody's again. */
  synchronized void release(FreeBlocks graph) {
    List<Block> free = new ArrayList<>();
    for (Block.Chunk chunk : chunks) {
      for (Block block = chunk.first; block != null; block = block.after) {
        if (block.owner == graph) {
          if (block.free) {
            graph.remove(block);
            free.add(block);
          }
          block.owner = everybodys;
        }
      }
    }
    free.forEach(this::pool);
  }

  synchronized long liveBytes() {
    return live;
  }

  synchronized long peakBytes() {
    return peak;
  }

  synchronized void resetPeak() {
    peak = live;
  }

  /** Bytes held from the driver, in use or not. */
  synchronized long reservedBytes() {
    return reserved;
  }

  private long rounded(long bytes) {
    long grain = exact ? 1 : bytes <= SMALL ? SMALL_GRAIN : LARGE_GRAIN;
    return Math.max(1, (bytes + grain - 1) / grain) * grain;
  }

  private OutOfMemoryError outOfMemory(long asked) {
    return new OutOfMemoryError(
        device + ": " + Sizes.text(asked) + " asked for; " + source.state() + ", "
            + Sizes.text(live) + " in live buffers" + largest() + ", "
            + Sizes.text(reserved - live) + " kept for reuse; use a smaller batch");
  }

  /**
   * The largest live blocks, and what the open scopes of the thread that asked hold, such as {@code
   * (largest: 2 x 1.00 GiB, 512 MiB; in open scopes, outermost first: 512 MiB, 1.00 GiB)}.
   */
  private String largest() {
    TreeMap<Long, Integer> counts = new TreeMap<>();
    for (Block.Chunk chunk : chunks) {
      for (Block block = chunk.first; block != null; block = block.after) {
        if (!block.free) {
          counts.merge(block.bytes, 1, Integer::sum);
        }
      }
    }
    List<String> named = new ArrayList<>();
    for (Map.Entry<Long, Integer> entry : counts.descendingMap().entrySet()) {
      if (named.size() < LENGTHS_NAMED) {
        String times = entry.getValue() == 1 ? "" : entry.getValue() + " x ";
        named.add(times + Sizes.text(entry.getKey()));
      }
    }
    List<String> scopes = Scope.heldBytes().stream().map(Sizes::text).toList();
    String inScopes =
        scopes.isEmpty() ? "" : "; in open scopes, outermost first: " + String.join(", ", scopes);
    return named.isEmpty() ? "" : " (largest: " + String.join(", ", named) + inScopes + ")";
  }

  /** Gives all memory back, that of live blocks included. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    List.copyOf(chunks).forEach(this::discard);
    live = 0;
  }
}
