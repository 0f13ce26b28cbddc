package io.sagitta.attack.metrics;

import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Percentile bootstrap (Efron 1979): members and non-members are redrawn with replacement, each to
 * their own number, and every figure is taken again. The interval says how much a figure would
 * move with other samples of the same population; it does not cover the choice of the model, and
 * it is too narrow where only a handful of non-members decide a figure.
 */
public final class Bootstrap {
  /** How many times the samples are redrawn unless told. */
  public static final int DEFAULT_RESAMPLES = 1000;

  private static final int PHILOX_PURPOSE = 40;
  private static final double TAIL = 0.025;

  private final long seed;
  private final int resamples;

  /** The 2.5 % and the 97.5 % quantile of each figure. */
  public record Interval(Figures low, Figures high) {}

  /**
   * @param seed of the draws; the same seed gives the same intervals on every machine
   * @param resamples how many times to redraw, at least 1
   */
  public Bootstrap(long seed, int resamples) {
    if (resamples < 1) {
      throw new IllegalArgumentException("bootstrap: expected resamples >= 1, got " + resamples);
    }
    this.seed = seed;
    this.resamples = resamples;
  }

  /**
   * The 95 % interval of every figure.
   *
   * @param read how figures are read off a curve, such as {@link Figures#exact}
   */
  public Interval interval(Roc roc, Function<Roc, Figures> read) {
    int[] memberPoints = pointOfEach(roc, true);
    int[] nonmemberPoints = pointOfEach(roc, false);
    Philox philox = new Philox(seed);
    Figures[] drawn = new Figures[resamples];
    IntStream.range(0, resamples)
        .parallel()
        .forEach(
            r -> {
              int[] in = draw(philox, 2L * r, memberPoints, roc.points() - 1);
              int[] out = draw(philox, 2L * r + 1, nonmemberPoints, roc.points() - 1);
              drawn[r] = read.apply(roc.resampled(in, out));
            });
    return new Interval(quantiles(drawn, TAIL), quantiles(drawn, 1 - TAIL));
  }

  /** For each sample of a kind, which of the curve's distinct scores it has. */
  private static int[] pointOfEach(Roc roc, boolean members) {
    int[] points = new int[Math.toIntExact(members ? roc.members() : roc.nonmembers())];
    int filled = 0;
    for (int p = 1; p < roc.points(); p++) {
      long until = members ? roc.truePositives(p) : roc.falsePositives(p);
      Arrays.fill(points, filled, (int) until, p - 1);
      filled = (int) until;
    }
    return points;
  }

  /**
   * Four draws a Philox block; a word maps to an index by multiplication, biased below n / 2^32.
   */
  private static int[] draw(Philox philox, long item, int[] points, int distinct) {
    int[] draws = new int[distinct];
    int[] words = new int[4];
    long stream = Philox.stream(PHILOX_PURPOSE, item);
    for (int i = 0; i < points.length; i++) {
      if ((i & 3) == 0) {
        philox.block(stream, i >>> 2, words);
      }
      draws[points[(int) ((words[i & 3] & 0xFFFFFFFFL) * points.length >>> 32)]]++;
    }
    return draws;
  }

  private static Figures quantiles(Figures[] drawn, double at) {
    return new Figures(
        quantile(drawn, Figures::auroc, at),
        quantile(drawn, Figures::balancedAccuracy, at),
        quantile(drawn, Figures::bestBalancedAccuracy, at),
        quantile(drawn, Figures::tprAt1e2, at),
        quantile(drawn, Figures::tprAt1e3, at),
        quantile(drawn, Figures::tprAt1e4, at));
  }

  /** Linear between order statistics. */
  private static double quantile(Figures[] drawn, ToDoubleFunction<Figures> figure, double at) {
    double[] sorted = Arrays.stream(drawn).mapToDouble(figure).sorted().toArray();
    double position = at * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
