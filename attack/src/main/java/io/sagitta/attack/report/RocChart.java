package io.sagitta.attack.report;

import io.sagitta.attack.metrics.Roc;
import java.awt.Color;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * ROC curves on two logarithmic axes, as stairs: between two thresholds nothing is attained that
 * the stricter one does not attain. Rates below the axes' start, zero among them, stand at the
 * start. The first curves have a colour and a name each; the others stay grey behind them.
 *
 * @param curves the one to be seen best first
 */
record RocChart(List<Curve> curves) {
  /** More colours than these cannot be told apart. */
  static final int COLOURED = 8;

  /** Steps closer together than this, in powers of ten, look the same. */
  private static final double RESOLUTION = 0.015;

  private static final int MOST_MARKS = 6;
  private static final double KEY_WIDTH = 168;
  private static final double KEY_BOTTOM = 62;
  private static final float[][] DASHES = {{}, {7, 3}, {2, 2.5f}};

  /** A curve and what it is called. */
  record Curve(String name, Roc roc) {}

  Picture picture() {
    return Picture.drawn(Axes.HEIGHT, this::draw);
  }

  private void draw(Drawing drawing) {
    long finest =
        curves.stream()
            .mapToLong(curve -> Math.max(curve.roc().members(), curve.roc().nonmembers()))
            .max()
            .orElseThrow();
    int decades = (int) Math.max(1, Math.ceil(Math.log10(finest)));
    Scale scale = Scale.decades(-decades, 0, MOST_MARKS, RocChart::percent);
    Axes axes = new Axes(drawing, scale, scale);
    axes.frame("false-positive rate", "true-positive rate");
    double[] ends = {-decades, 0};
    axes.line(ends, ends, Palette.MUTED, 1, 2, 4);
    for (int i = curves.size() - 1; i >= 0; i--) {
      boolean grey = i >= COLOURED;
      double[][] points = stairs(curves.get(i).roc(), Math.pow(10, -decades));
      axes.line(
          points[0], points[1], grey ? Palette.FAINT : colour(i), grey ? 1.2 : 2,
          grey ? DASHES[0] : dashes(i));
    }
    key(drawing);
  }

  private void key(Drawing drawing) {
    int named = Math.min(COLOURED, curves.size());
    int others = curves.size() - named;
    double top = Axes.HEIGHT - KEY_BOTTOM - Key.height(named + (others > 0 ? 2 : 1));
    Key key = new Key(drawing, Axes.WIDTH - KEY_WIDTH, top);
    for (int i = 0; i < named; i++) {
      key.line(curves.get(i).name(), colour(i), 2, dashes(i));
    }
    if (others > 0) {
      String name = others == 1 ? curves.get(named).name() : others + " others";
      key.line(name, Palette.FAINT, 1.2);
    }
    key.line("guessing", Palette.MUTED, 1, 2, 4);
  }

  private static Color colour(int curve) {
    return Palette.series(curve);
  }

  /** So that one curve under another still shows, and without colours. */
  private static float[] dashes(int curve) {
    return DASHES[curve % DASHES.length];
  }

  private static String percent(int exponent) {
    return BigDecimal.ONE.scaleByPowerOfTen(exponent + 2).toPlainString() + "%";
  }

  /** The corners of the stairs, as logarithms. */
  private static double[][] stairs(Roc roc, double floor) {
    double[] x = new double[2 * roc.points() + 2];
    double[] y = new double[x.length];
    int first = 0;
    while (roc.fpr(first + 1) <= floor) {
      first++;
    }
    int n = 0;
    x[n] = Math.log10(floor);
    y[n++] = log(roc.tpr(first), floor);
    for (int p = first + 1; p < roc.points(); p++) {
      double fpr = log(roc.fpr(p), floor);
      double tpr = log(roc.tpr(p), floor);
      boolean last = p == roc.points() - 1;
      if (last || fpr - x[n - 1] + tpr - y[n - 1] >= RESOLUTION) {
        x[n] = fpr;
        y[n] = y[n - 1];
        n++;
        x[n] = fpr;
        y[n++] = tpr;
      }
    }
    return new double[][] {Arrays.copyOf(x, n), Arrays.copyOf(y, n)};
  }

  private static double log(double rate, double floor) {
    return Math.log10(Math.max(floor, rate));
  }
}
