package io.sagitta.kernels.cuda;

import java.util.Comparator;
import java.util.TreeSet;

/** Free blocks by length, those of small and of large chunks apart. */
final class FreeBlocks {
  private static final Comparator<Block> BY_LENGTH =
      Comparator.<Block>comparingLong(block -> block.bytes)
          .thenComparingLong(block -> block.chunk.serial)
          .thenComparingLong(block -> block.offset);

  private final TreeSet<Block> small = new TreeSet<>(BY_LENGTH);
  private final TreeSet<Block> large = new TreeSet<>(BY_LENGTH);

  /** Stands before every block of its length. */
  private final Block probe =
      new Block(new Block.Chunk(new Address(), 0, true, -1), 0, 0, this);

  void add(Block block) {
    block.free = true;
    of(block.chunk.small).add(block);
  }

  void remove(Block block) {
    block.free = false;
    of(block.chunk.small).remove(block);
  }

  /** Takes out the shortest block that is long enough, or gives null. */
  Block poll(long bytes, boolean fromSmall) {
    probe.bytes = bytes;
    Block best = of(fromSmall).ceiling(probe);
    if (best != null) {
      remove(best);
    }
    return best;
  }

  private TreeSet<Block> of(boolean isSmall) {
    return isSmall ? small : large;
  }
}
