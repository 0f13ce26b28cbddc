package io.sagitta.attack.report;

import io.sagitta.attack.metrics.Roc;
import java.awt.BasicStroke;
import java.math.BigDecimal;
import java.util.Arrays;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;

/**
 * ROC curves on two logarithmic axes, as stairs: between two thresholds nothing is attained that
 * the stricter one does not attain. Rates below the axes' start, zero among them, stand at the
 * start.
 */
final class RocChart {
  /** Steps closer together than this, in powers of ten, look the same. */
  private static final double RESOLUTION = 0.015;

  private static final int MARKS_PIXELS = 340;

  /** Room beyond the outermost marks, without which they are not drawn. */
  private static final double MARGIN = 0.03;

  private final double floor;
  private final XYChart chart;
  private int curves;

  /**
   * @param decades how far below 1 both axes start, in powers of ten
   */
  RocChart(int decades) {
    floor = Math.pow(10, -decades);
    chart = ChartStyle.chart("False-positive rate", "True-positive rate", LegendPosition.InsideSE);
    // The chart's own logarithmic axes have no mark at their end: logarithms are drawn instead,
    // with a mark a decade.
    XYStyler styler = chart.getStyler();
    styler.setXAxisMin(-decades - MARGIN);
    styler.setXAxisMax(MARGIN);
    styler.setYAxisMin(-decades - MARGIN);
    styler.setYAxisMax(MARGIN);
    styler.setXAxisTickMarkSpacingHint(MARKS_PIXELS / decades);
    styler.setYAxisTickMarkSpacingHint(MARKS_PIXELS * 9 / 10 / decades);
    styler.setXAxisTickLabelsFormattingFunction(RocChart::percent);
    styler.setYAxisTickLabelsFormattingFunction(RocChart::percent);
    double[] ends = {-decades, 0};
    XYSeries guessing = chart.addSeries("guessing", ends, ends);
    guessing.setLineColor(Palette.MUTED);
    guessing.setLineStyle(new BasicStroke(1, 0, 0, 10, new float[] {2, 4}, 0));
  }

  private static String percent(double log) {
    return BigDecimal.ONE.scaleByPowerOfTen((int) Math.round(log) + 2).toPlainString() + "%";
  }

  /** Adds a curve; every other one is dashed, so that one under another still shows. */
  void add(String title, Roc roc) {
    double[] x = new double[2 * roc.points() + 2];
    double[] y = new double[x.length];
    int first = 0;
    while (roc.fpr(first + 1) <= floor) {
      first++;
    }
    int n = 0;
    x[n] = Math.log10(floor);
    y[n++] = log(roc.tpr(first));
    for (int p = first + 1; p < roc.points(); p++) {
      double fpr = log(roc.fpr(p));
      double tpr = log(roc.tpr(p));
      boolean last = p == roc.points() - 1;
      if (last || fpr - x[n - 1] + tpr - y[n - 1] >= RESOLUTION) {
        x[n] = fpr;
        y[n] = y[n - 1];
        n++;
        x[n] = fpr;
        y[n++] = tpr;
      }
    }
    XYSeries series = chart.addSeries(title, Arrays.copyOf(x, n), Arrays.copyOf(y, n));
    series.setLineColor(Palette.series(curves));
    float[] dashes = curves % 2 == 0 ? null : new float[] {6, 4};
    series.setLineStyle(
        new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0));
    curves++;
  }

  private double log(double rate) {
    return Math.log10(Math.max(floor, rate));
  }

  XYChart chart() {
    return chart;
  }
}
