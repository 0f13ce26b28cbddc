package io.sagitta.attack.report;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Quantiles of residuals against those of the standard normal distribution: on the line where the
 * Gaussian model of the attacks holds, off it where it does not.
 *
 * @param in at least one
 * @param out at least one
 */
record QqChart(double[] in, double[] out) {
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);
  private static final int MOST_DOTS = 400;
  private static final int MOST_MARKS = 8;

  /** Residuals further out are drawn at the edge. */
  private static final double EDGE = 8;

  Picture picture() {
    return Picture.drawn(Axes.HEIGHT, this::draw);
  }

  private void draw(Drawing drawing) {
    double[][] inside = points(in);
    double[][] outside = points(out);
    double across = Math.max(reach(inside[0]), reach(outside[0])) * 1.04;
    double up = Math.max(across, Math.max(reach(inside[1]), reach(outside[1])) * 1.04);
    Scale x = Scale.linear(-across, across, MOST_MARKS);
    Scale y = Scale.linear(-up, up, MOST_MARKS);
    Axes axes = new Axes(drawing, x, y);
    axes.frame("normal quantile", "residual, in standard deviations");
    double[] ends = {-across, across};
    axes.line(ends, ends, Palette.MUTED, 1, 2, 4);
    axes.dots(outside[0], outside[1], 2, Palette.NONMEMBER, 0.8);
    axes.dots(inside[0], inside[1], 2, Palette.MEMBER, 0.8);
    Key key = new Key(drawing, Axes.WIDTH - 146, Axes.HEIGHT - 102);
    key.dot("members", Palette.MEMBER);
    key.dot("non-members", Palette.NONMEMBER);
    key.line("normal", Palette.MUTED, 1, 2, 4);
  }

  /** Dense in the tails, where the questions are: evenly spaced in normal quantiles. */
  private static double[][] points(double[] residuals) {
    double[] sorted = residuals.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double last = quantile(n - 1, n);
    int[] ranks =
        IntStream.range(0, MOST_DOTS)
            .map(i -> (int) (NORMAL.cumulativeProbability(-last + 2 * last * i / MOST_DOTS) * n))
            .map(rank -> Math.min(rank, n - 1))
            .distinct()
            .toArray();
    DoubleUnaryOperator cut = r -> Math.max(-EDGE, Math.min(EDGE, r));
    return new double[][] {
      Arrays.stream(ranks).mapToDouble(rank -> quantile(rank, n)).toArray(),
      Arrays.stream(ranks).mapToDouble(rank -> cut.applyAsDouble(sorted[rank])).toArray()
    };
  }

  private static double quantile(int rank, int n) {
    return NORMAL.inverseCumulativeProbability((rank + 0.5) / n);
  }

  private static double reach(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(1);
  }
}
