package io.sagitta.attack.report;

import java.awt.Color;
import java.util.Arrays;

/**
 * Two histograms over one axis, each in per cent of its own group. The bins span all but the
 * outermost values, which are counted in the first and the last bin.
 */
final class HistogramChart {
  private static final int BINS = 40;
  private static final double TAIL = 0.002;
  private static final double OPACITY = 0.22;
  private static final int MOST_MARKS = 6;

  /** Above the highest bin, for the key. */
  private static final double HEADROOM = 1.22;

  private final String title;
  private final boolean logarithmic;
  private final double[] members;
  private final double[] nonmembers;
  private final double start;
  private final double end;

  /**
   * @param title of the axis
   * @param logarithmic whether the values are common logarithms
   * @param members ascending, at least one
   * @param nonmembers ascending, at least one
   */
  HistogramChart(String title, boolean logarithmic, double[] members, double[] nonmembers) {
    this.title = title;
    this.logarithmic = logarithmic;
    this.members = members;
    this.nonmembers = nonmembers;
    double low = Math.min(at(members, TAIL), at(nonmembers, TAIL));
    double high = Math.max(at(members, 1 - TAIL), at(nonmembers, 1 - TAIL));
    double margin = high > low ? 0 : 0.5;
    start = low - margin;
    end = high + margin;
  }

  Picture picture() {
    return Picture.drawn(Axes.HEIGHT, this::draw);
  }

  private void draw(Drawing drawing) {
    double[] in = shares(members);
    double[] out = shares(nonmembers);
    double peak = Math.max(max(in), max(out));
    Scale across =
        logarithmic
            ? Scale.decades(start, Math.max(end, Math.ceil(start)), MOST_MARKS, Scale::power)
            : Scale.linear(start, end, MOST_MARKS);
    Axes axes = new Axes(drawing, across, Scale.linear(0, peak * HEADROOM, MOST_MARKS));
    axes.frame(title, "share of the group, %");
    add(axes, out, Palette.NONMEMBER);
    add(axes, in, Palette.MEMBER);
    Key key = new Key(drawing, Axes.WIDTH - 146, 44);
    key.line("members", Palette.MEMBER, 2);
    key.line("non-members", Palette.NONMEMBER, 2, 5, 2);
  }

  private double[] shares(double[] values) {
    double[] shares = new double[BINS];
    for (double value : values) {
      int bin = (int) Math.floor((value - start) / (end - start) * BINS);
      shares[Math.max(0, Math.min(BINS - 1, bin))] += 100.0 / values.length;
    }
    return shares;
  }

  private void add(Axes axes, double[] shares, Color colour) {
    double[] x = new double[2 * BINS + 2];
    double[] y = new double[x.length];
    for (int i = 0; i <= BINS; i++) {
      x[2 * i] = start + (end - start) * i / BINS;
      x[2 * i + 1] = x[2 * i];
      y[2 * i] = i == 0 ? 0 : shares[i - 1];
      y[2 * i + 1] = i == BINS ? 0 : shares[i];
    }
    axes.area(x, y, colour, OPACITY);
    float[] dashes = colour == Palette.MEMBER ? new float[0] : new float[] {5, 2};
    axes.line(x, y, colour, 1.8, dashes);
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
