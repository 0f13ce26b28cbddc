package io.sagitta.kernels.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.JCudaDriver;

/**
 * Device memory. Freed blocks are kept by size for the next taker: kernels of one stream run in
 * order, so a block may be handed on while kernels that used it are still to run.
 */
final class CudaMemory implements AutoCloseable {
  private static final long GRAIN = 512;

  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private final List<Block> all = new ArrayList<>();
  private long live;
  private long peak;

  /** Memory from the driver. */
  static final class Block {
    private final Address address;
    private final long bytes;
    private boolean gone;

    private Block(Address address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    Address address() {
      return address;
    }

    boolean isGone() {
      return gone;
    }
  }

  synchronized Block take(long bytes) {
    long rounded = Math.max(1, (bytes + GRAIN - 1) / GRAIN) * GRAIN;
    ArrayDeque<Block> kept = free.get(rounded);
    Block block = kept == null ? null : kept.poll();
    if (block == null) {
      Address address = new Address();
      Cuda.check(JCudaDriver.cuMemAlloc(address, rounded), "cuMemAlloc", rounded);
      block = new Block(address, rounded);
      all.add(block);
    }
    live += block.bytes;
    peak = Math.max(peak, live);
    return block;
  }

  synchronized void give(Block block) {
    if (!block.gone) {
      live -= block.bytes;
      free.computeIfAbsent(block.bytes, size -> new ArrayDeque<>()).push(block);
    }
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

  @Override
  public synchronized void close() {
    for (Block block : all) {
      block.gone = true;
      Cuda.check(JCudaDriver.cuMemFree(block.address), "cuMemFree", block.bytes);
    }
    all.clear();
    free.clear();
    live = 0;
  }
}
