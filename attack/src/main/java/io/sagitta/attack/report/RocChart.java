package io.sagitta.attack.report;

import io.sagitta.attack.metrics.Roc;
import java.awt.BasicStroke;
import java.math.BigDecimal;
import java.math.MathContext;
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
  /** Steps closer together than this share of an axis look the same. */
  private static final double RESOLUTION = 0.004;

  private final double floor;
  private final XYChart chart;
  private int curves;

  /**
   * @param floor where both axes start: a power of ten below 1
   */
  RocChart(double floor) {
    this.floor = floor;
    chart =
        ChartStyle.chart(
            "False-positive rate", "True-positive rate", LegendPosition.InsideSE);
    XYStyler styler = chart.getStyler();
    styler.setXAxisLogarithmic(true);
    styler.setYAxisLogarithmic(true);
    styler.setXAxisLogarithmicDecadeOnly(true);
    styler.setYAxisLogarithmicDecadeOnly(true);
    styler.setXAxisMin(floor);
    styler.setXAxisMax(1.0);
    styler.setYAxisMin(floor);
    styler.setYAxisMax(1.0);
    styler.setXAxisTickLabelsFormattingFunction(RocChart::percent);
    styler.setYAxisTickLabelsFormattingFunction(RocChart::percent);
    double[] ends = {floor, 1};
    XYSeries guessing = chart.addSeries("guessing", ends, ends);
    guessing.setLineColor(Palette.MUTED);
    guessing.setLineStyle(new BasicStroke(1, 0, 0, 10, new float[] {2, 4}, 0));
  }

  private static String percent(double rate) {
    return new BigDecimal(rate * 100, new MathContext(3)).stripTrailingZeros().toPlainString()
        + "%";
  }

  /** Adds a curve; every other one is dashed, so that one under another still shows. */
  void add(String title, Roc roc) {
    double[] x = new double[2 * roc.points() + 2];
    double[] y = new double[x.length];
    int n = 0;
    x[n] = floor;
    y[n++] = floor;
    for (int p = 1; p < roc.points(); p++) {
      double fpr = Math.max(floor, roc.fpr(p));
      double tpr = Math.max(floor, roc.tpr(p));
      boolean last = p == roc.points() - 1;
      if (last || distance(fpr, x[n - 1]) + distance(tpr, y[n - 1]) >= RESOLUTION) {
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

  private double distance(double a, double b) {
    return Math.abs(Math.log(a / b) / Math.log(floor));
  }

  XYChart chart() {
    return chart;
  }
}
