package io.sagitta.attack.report;

import io.sagitta.attack.methods.Distribution;
import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Arrays;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Two histograms over one logarithmic axis, each in per cent of its own group. The bins span all
 * but the outermost values, which are counted in the first and the last bin; values that are not
 * positive count as the least positive one.
 */
final class HistogramChart {
  private static final int MOST_BINS = 45;
  private static final double TAIL = 0.002;
  private static final int FILL_ALPHA = 70;

  /** Above the highest bin, for the legend. */
  private static final double HEADROOM = 1.25;

  private final double start;
  private final double step;
  private final int bins;

  /** Bins of a round width, so that the axis has round marks. */
  private HistogramChart(double from, double to) {
    double width = Math.pow(10, Math.floor(Math.log10((to - from) / MOST_BINS)));
    double[] factors = {1, 2, 5, 10};
    int factor = 0;
    while (Math.ceil((to - from) / (width * factors[factor])) + 1 > MOST_BINS) {
      factor++;
    }
    step = width * factors[factor];
    start = Math.floor(from / step) * step;
    bins = (int) Math.ceil((to - start) / step);
  }

  static XYChart of(Distribution distribution, String axis) {
    double least = Math.min(least(distribution.members()), least(distribution.nonmembers()));
    double[] in = logs(distribution.members(), least);
    double[] out = logs(distribution.nonmembers(), least);
    double start = Math.min(at(in, TAIL), at(out, TAIL));
    double end = Math.max(at(in, 1 - TAIL), at(out, 1 - TAIL));
    double margin = end > start ? 0 : 0.5;
    HistogramChart histogram = new HistogramChart(start - margin, end + margin);
    XYChart chart = ChartStyle.chart(axis, "Share of the group, %", LegendPosition.InsideNE);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Area);
    chart.getStyler().setXAxisDecimalPattern("0.##");
    chart.getStyler().setYAxisDecimalPattern("0.#");
    chart.getStyler().setYAxisMin(0.0);
    double[] inShares = histogram.shares(in);
    double[] outShares = histogram.shares(out);
    double peak = Math.max(max(inShares), max(outShares));
    chart.getStyler().setYAxisMax(peak * HEADROOM);
    histogram.add(chart, "non-members", outShares, Palette.NONMEMBER);
    histogram.add(chart, "members", inShares, Palette.MEMBER);
    return chart;
  }

  private double[] shares(double[] logs) {
    double[] shares = new double[bins];
    for (double value : logs) {
      int bin = (int) Math.max(0, Math.min(bins - 1, Math.floor((value - start) / step)));
      shares[bin] += 100.0 / logs.length;
    }
    return shares;
  }

  private void add(XYChart chart, String title, double[] shares, Color colour) {
    double[] x = new double[2 * bins + 2];
    double[] y = new double[x.length];
    for (int i = 0; i <= bins; i++) {
      x[2 * i] = start + i * step;
      x[2 * i + 1] = x[2 * i];
      y[2 * i] = i == 0 ? 0 : shares[i - 1];
      y[2 * i + 1] = i == bins ? 0 : shares[i];
    }
    XYSeries series = chart.addSeries(title, x, y);
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(2));
    series.setFillColor(
        new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), FILL_ALPHA));
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }

  private static double least(double[] sorted) {
    return Arrays.stream(sorted).filter(v -> v > 0).min().orElse(Double.POSITIVE_INFINITY);
  }

  private static double[] logs(double[] sorted, double least) {
    double floor = least == Double.POSITIVE_INFINITY ? 1 : least;
    return Arrays.stream(sorted).map(v -> Math.log10(Math.max(v, floor))).toArray();
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
