package io.sagitta.nn.data;

import io.sagitta.kernels.Philox;

/** The order in which an epoch visits the members of a training set. */
public final class BatchOrder {
  private BatchOrder() {}

  /**
   * The members, shuffled; a function of (seed, epoch) and of how many there are.
   *
   * @param epoch counts from 0
   * @param members indices into a data set; not changed
   */
  public static int[] of(long seed, long epoch, int[] members) {
    int[] order = new Philox(seed).permutation(Streams.batchOrder(epoch), members.length);
    for (int i = 0; i < order.length; i++) {
      order[i] = members[order[i]];
    }
    return order;
  }
}
