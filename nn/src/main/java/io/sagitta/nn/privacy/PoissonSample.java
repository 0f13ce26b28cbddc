package io.sagitta.nn.privacy;

import io.sagitta.kernels.Philox;
import java.util.Arrays;

/**
 * The members that a private step takes: each with the same probability, whatever the others, so that
 * their number varies and may be 0. That is what the accountant presupposes; batches of a shuffled
 * epoch would promise less.
 */
public final class PoissonSample {
  /** The purpose of the random streams; the item is the step. */
  private static final int PURPOSE = 20;

  private PoissonSample() {}

  /**
   * The members of a step, in their order; a function of (seed, step) and of how many there are.
   *
   * @param step counts from 0 over the whole training
   * @param members indices into a data set
   * @param rate the probability of each
   */
  public static int[] of(long seed, long step, int[] members, double rate) {
    Philox philox = new Philox(seed);
    long stream = Philox.stream(PURPOSE, step);
    int[] taken = new int[members.length];
    int count = 0;
    for (int i = 0; i < members.length; i++) {
      if (philox.uniform(stream, i) < rate) {
        taken[count++] = members[i];
      }
    }
    return Arrays.copyOf(taken, count);
  }
}
