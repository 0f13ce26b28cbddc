package io.sagitta.attack.metrics;

import java.util.Arrays;

/**
 * One attack's scores of a target's samples: their curve, its figures, and which samples stand
 * behind each of its points, so that the curve of a redraw is found without sorting again.
 */
public final class Ranking {
  private final Roc roc;
  private final Reading reading;
  private final int[] samples;
  private final int[] starts;

  /**
   * @param members {@code [samples]}
   * @param scores {@code [samples]}: higher means "member"; NaN is left out
   * @param roc of these scores
   */
  public Ranking(boolean[] members, double[] scores, Roc roc, Reading reading) {
    this.roc = roc;
    this.reading = reading;
    int[] points = new int[scores.length];
    starts = new int[roc.points() + 1];
    for (int s = 0; s < scores.length; s++) {
      points[s] = Double.isNaN(scores[s]) ? 0 : roc.pointAccepting(scores[s]);
      starts[points[s] + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] next = starts.clone();
    samples = new int[scores.length];
    for (int s = 0; s < scores.length; s++) {
      samples[next[points[s]]++] = s;
    }
  }

  /**
   * The figures of a redraw; none where it has no member, or no non-member, with a score.
   *
   * @param draws {@code [samples]}: how often each was drawn, times 2^32 for members
   * @param counts room for a curve of as many points as there are samples, and one
   */
  Figures redrawn(long[] draws, Counts counts) {
    counts.reset();
    boolean drop = reading.dropsUndrawn();
    for (int p = 1; p < roc.points(); p++) {
      long drawn = 0;
      for (int i = starts[p]; i < starts[p + 1]; i++) {
        drawn += draws[samples[i]];
      }
      counts.accept((int) (drawn >>> 32), (int) drawn);
      counts.points = drop ? counts.points : p + 1;
    }
    return counts.haveBothKinds() ? reading.of(counts) : Figures.NONE;
  }
}
