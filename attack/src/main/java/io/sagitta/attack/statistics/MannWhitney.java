package io.sagitta.attack.statistics;

import java.util.Arrays;
import org.apache.commons.math3.special.Erf;

/**
 * Whether one group of values lies lower than another (Mann and Whitney 1947), by the normal
 * approximation with ties and without continuity correction, two-sided.
 *
 * @param lower how often a random value of the first group lies below one of the second, a tie
 *     counting one half: the effect's size, 0 to 1, one half without effect
 * @param z standardised, positive where the first group lies lower; 0 where all values are equal
 * @param p probability of an effect at least as large in either direction, if there is none; 0
 *     where it is below the smallest number
 */
public record MannWhitney(double lower, double z, double p) {
  /**
   * Compares.
   *
   * @param first in any order, none NaN
   * @param second the same
   * @throws IllegalArgumentException if either is empty or has a NaN
   */
  public static MannWhitney of(double[] first, double[] second) {
    double[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    double[] low = first.clone();
    Arrays.sort(low);
    Arrays.sort(all);
    if (first.length == 0 || second.length == 0 || Double.isNaN(all[all.length - 1])) {
      throw new IllegalArgumentException(
          "Mann-Whitney: expected two groups of numbers, got " + first.length + " and "
              + second.length + " values"
              + (all.length == 0 ? "" : ", the last " + all[all.length - 1]));
    }
    double ranks = 0;
    double ties = 0;
    int from = 0;
    int taken = 0;
    while (from < all.length) {
      int to = from + 1;
      while (to < all.length && all[to] == all[from]) {
        to++;
      }
      int own = 0;
      while (taken + own < low.length && low[taken + own] == all[from]) {
        own++;
      }
      ranks += own * (from + to + 1) / 2.0;
      double tied = to - from;
      ties += tied * tied * tied - tied;
      taken += own;
      from = to;
    }
    double n1 = first.length;
    double n2 = second.length;
    double n = n1 + n2;
    double lower = 1 - (ranks - n1 * (n1 + 1) / 2) / (n1 * n2);
    double variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
    double z = variance > 0 ? (lower - 0.5) * n1 * n2 / Math.sqrt(variance) : 0;
    return new MannWhitney(lower, z, Erf.erfc(Math.abs(z) / Math.sqrt(2)));
  }

  /** Rank-biserial correlation, −1 to 1: positive where the first group lies lower. */
  public double effect() {
    return 2 * lower - 1;
  }
}
