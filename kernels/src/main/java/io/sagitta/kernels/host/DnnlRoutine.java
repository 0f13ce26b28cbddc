package io.sagitta.kernels.host;

import java.util.List;

/** An operation whose shares are independent: each runs its plan on its part of the arguments. */
final class DnnlRoutine implements DnnlOperation {
  /**
   * What one thread does.
   *
   * @param packing of the argument {@link #WEIGHTS}, or null where it is taken as it is
   * @param offsets bytes to this share's part of each argument
   */
  record Share(DnnlPlan plan, DnnlPacking packing, long[] offsets) {}

  private final List<Share> shares;

  DnnlRoutine(List<Share> shares) {
    this.shares = shares;
  }

  @Override
  public void run(HostMemory memory, HostBuffer weights, long... arguments) {
    long[][] own = new long[shares.size()][];
    for (int i = 0; i < own.length; i++) {
      own[i] = arguments(shares.get(i), memory, weights, arguments);
    }
    Parallel.run(own.length, i -> shares.get(i).plan.run(memory, own[i]));
  }

  private static long[] arguments(
      Share share, HostMemory memory, HostBuffer weights, long[] arguments) {
    long[] own = arguments.clone();
    for (int i = 0; i < own.length; i++) {
      own[i] += share.offsets[i];
    }
    if (share.packing != null) {
      own[WEIGHTS] = DnnlPacked.address(weights, share.packing, memory);
    }
    return own;
  }

  @Override
  public void close() {
    shares.stream().map(Share::plan).distinct().forEach(DnnlPlan::close);
    shares.stream()
        .map(Share::packing)
        .filter(packing -> packing != null)
        .distinct()
        .forEach(DnnlPacking::close);
  }
}
