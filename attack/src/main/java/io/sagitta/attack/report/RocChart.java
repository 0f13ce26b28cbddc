package io.sagitta.attack.report;

import io.sagitta.attack.metrics.Roc;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * ROC curves on two logarithmic axes, as stairs: between two thresholds nothing is attained that
 * the stricter one does not attain. Rates below the axes' start, zero among them, stand at the
 * start. Some curves have a colour and a name each; the others stay grey behind them.
 *
 * @param curves in the order in which they are named
 */
record RocChart(List<Curve> curves) {
  /** More colours than these cannot be told apart. */
  static final int COLOURED = 8;

  /** Steps closer together than this, in powers of ten, look the same. */
  private static final double RESOLUTION = 0.015;

  private static final int MOST_MARKS = 6;
  private static final double KEY_LEFT = 12;
  private static final double KEY_GAP = 10;
  private static final float[][] DASHES = {{}, {7, 3}, {9, 2.5f, 2, 2.5f}};

  /**
   * A curve and what it is called.
   *
   * @param colour of {@link Palette#series}, or {@link #GREY}
   */
  record Curve(String name, Roc roc, int colour) {
    /** Stands for no colour. */
    static final int GREY = -1;

    boolean isGrey() {
      return colour == GREY;
    }
  }

  private List<Curve> named() {
    return curves.stream().filter(curve -> !curve.isGrey()).toList();
  }

  private int keyRows() {
    boolean grey = named().size() < curves.size();
    return (named().size() + (grey ? 1 : 0) + 2) / 2;
  }

  Picture picture() {
    return Picture.drawn((int) (Axes.HEIGHT + Key.height(keyRows()) + KEY_GAP), this::draw);
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
    curves.stream().filter(Curve::isGrey).forEach(curve -> line(axes, curve, decades));
    List<Curve> named = named();
    for (int i = named.size() - 1; i >= 0; i--) {
      line(axes, named.get(i), decades);
    }
    key(drawing);
  }

  private static void line(Axes axes, Curve curve, int decades) {
    double[][] points = stairs(curve.roc(), Math.pow(10, -decades));
    if (curve.isGrey()) {
      axes.line(points[0], points[1], Palette.FAINT, 1.2);
    } else {
      axes.line(
          points[0], points[1], Palette.series(curve.colour()), 2, dashes(curve.colour()));
    }
  }

  /** Below the axes, in two columns. */
  private void key(Drawing drawing) {
    double top = Axes.HEIGHT + KEY_GAP;
    double width = (Axes.WIDTH - KEY_LEFT) / 2;
    Key left = new Key(drawing, KEY_LEFT, top, width);
    Key right = new Key(drawing, KEY_LEFT + width, top, width);
    List<Curve> named = named();
    for (int i = 0; i < named.size(); i++) {
      Curve curve = named.get(i);
      (i < keyRows() ? left : right)
          .line(curve.name(), Palette.series(curve.colour()), 2, dashes(curve.colour()));
    }
    int others = curves.size() - named.size();
    if (others > 0) {
      right.line(others == 1 ? "1 other" : others + " others", Palette.FAINT, 1.2);
    }
    right.line("guessing", Palette.MUTED, 1, 2, 4);
  }

  /** So that one curve under another still shows, and without colours. */
  private static float[] dashes(int colour) {
    return DASHES[colour % DASHES.length];
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
