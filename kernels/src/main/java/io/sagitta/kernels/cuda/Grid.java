package io.sagitta.kernels.cuda;

/** Sizes of grids whose threads go on by the grid's size until the work is done. */
final class Grid {
  /** Threads of a block where nothing else asks for another number: eight warps. */
  static final int THREADS = 256;

  static final int WARPS = THREADS / 32;

  /** Enough blocks to keep the largest devices busy; more would only be started in vain. */
  private static final long MOST = 4096;

  private Grid() {}

  /** Blocks for this much work, of which a block does {@code each} at a time; at least one. */
  static long blocks(long work, int each) {
    return Math.max(1, Math.min(MOST, (work + each - 1) / each));
  }
}
