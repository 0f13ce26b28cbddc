package io.sagitta.attack.metrics;

import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Percentile bootstrap (Efron 1979): a target's members and non-members are redrawn with
 * replacement, each to their own number, and every figure of every attack is taken again from the
 * same redraw, so that attacks can be compared within it. The interval says how much a figure would
 * move with other samples of the same population; it does not cover the choice of the model, and
 * it is too narrow where only a handful of non-members decide a figure.
 */
public final class Bootstrap {
  /** How many times the samples are redrawn unless told. */
  public static final int DEFAULT_RESAMPLES = 1000;

  private static final int PHILOX_PURPOSE = 40;
  private static final double TAIL = 0.025;

  /** Redraws that share their arrays. */
  private static final int CHUNK = 25;

  private final long seed;
  private final int resamples;

  /** The 2.5 % and the 97.5 % quantile of each figure. */
  public record Interval(Figures low, Figures high) {}

  /**
   * One attack's figures in every redraw.
   *
   * @param figures {@code [resamples]}
   */
  public record Redraws(Figures[] figures) {
    /** The 95 % interval of every figure. */
    public Interval interval() {
      return new Interval(quantiles(figures, TAIL), quantiles(figures, 1 - TAIL));
    }

    /** The 95 % interval of how much a figure exceeds another attack's, low and high. */
    public double[] exceeds(Redraws other, ToDoubleFunction<Figures> figure) {
      double[] differences = new double[figures.length];
      Arrays.setAll(
          differences,
          r -> figure.applyAsDouble(figures[r]) - figure.applyAsDouble(other.figures[r]));
      return new double[] {quantile(differences, TAIL), quantile(differences, 1 - TAIL)};
    }
  }

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
   * Redraws a target's samples for all of its attacks at once.
   *
   * @param members {@code [samples]}, some and not all
   * @param rankings the attacks' scores of these samples
   * @param stopCheck called before each redraw, by several threads; what it throws ends the work
   * @return one for each ranking
   */
  public List<Redraws> redraw(
      boolean[] members, List<Ranking> rankings, Runnable stopCheck) {
    int[] in = select(members, true);
    int[] out = select(members, false);
    Philox philox = new Philox(seed);
    Figures[][] figures = new Figures[rankings.size()][resamples];
    IntStream.rangeClosed(0, (resamples - 1) / CHUNK)
        .parallel()
        .forEach(
            chunk -> {
              long[] draws = new long[members.length];
              Counts counts = new Counts(members.length + 2);
              for (int r = chunk * CHUNK; r < Math.min(resamples, (chunk + 1) * CHUNK); r++) {
                stopCheck.run();
                Arrays.fill(draws, 0);
                draw(philox, 2L * r, in, 1L << 32, draws);
                draw(philox, 2L * r + 1, out, 1, draws);
                for (int a = 0; a < figures.length; a++) {
                  figures[a][r] = rankings.get(a).redrawn(draws, counts);
                }
              }
            });
    return Arrays.stream(figures).map(Redraws::new).toList();
  }

  private static int[] select(boolean[] members, boolean member) {
    return IntStream.range(0, members.length).filter(s -> members[s] == member).toArray();
  }

  /**
   * Four draws a Philox block; a word maps to an index by multiplication, biased below n / 2^32.
   */
  private static void draw(Philox philox, long item, int[] samples, long weight, long[] draws) {
    int[] words = new int[4];
    long stream = Philox.stream(PHILOX_PURPOSE, item);
    for (int i = 0; i < samples.length; i++) {
      if ((i & 3) == 0) {
        philox.block(stream, i >>> 2, words);
      }
      draws[samples[(int) ((words[i & 3] & 0xFFFFFFFFL) * samples.length >>> 32)]] += weight;
    }
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

  private static double quantile(Figures[] drawn, ToDoubleFunction<Figures> figure, double at) {
    return quantile(Arrays.stream(drawn).mapToDouble(figure).toArray(), at);
  }

  /** Linear between order statistics, of the redraws that have the figure; NaN where none has. */
  private static double quantile(double[] values, double at) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double position = at * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
