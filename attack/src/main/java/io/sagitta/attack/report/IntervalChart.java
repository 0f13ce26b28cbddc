package io.sagitta.attack.report;

import io.sagitta.attack.report.Drawing.Anchor;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * AUROC of everything, a row each: dots with their intervals, for a comparison at a glance.
 *
 * @param rows from top to bottom
 */
record IntervalChart(List<Row> rows) {
  private static final double LEFT = 196;
  private static final double ASIDE = 4.5;
  private static final int KEY_ROOM = 28;
  private static final int MOST_MARKS = 6;

  /**
   * One or two figures of one thing.
   *
   * @param corrected null where there is none
   * @param paper null where there is none
   */
  record Row(String name, Figure corrected, Figure paper) {}

  /** A share with its interval, each 0 to 1; an interval of NaN is not drawn. */
  record Figure(double value, double low, double high) {}

  Picture picture() {
    return Picture.drawn(Axes.heightOfRows(rows.size()) + KEY_ROOM, this::draw);
  }

  private void draw(Drawing drawing) {
    double least =
        rows.stream()
            .flatMap(row -> Stream.of(row.corrected(), row.paper()))
            .filter(Objects::nonNull)
            .mapToDouble(figure -> Double.isNaN(figure.low()) ? figure.value() : figure.low())
            .min()
            .orElse(0.5);
    double from = Math.min(40, Math.floor(least * 10) * 10);
    Scale across = Scale.linear(from, 100, MOST_MARKS);
    Axes axes = Axes.ofRows(drawing, across, rows.size(), LEFT);
    axes.frame("AUROC, %", "");
    double[] half = {50, 50};
    axes.line(half, new double[] {rows.size(), 0}, Palette.MUTED, 1, 2, 4);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      double middle = axes.y(i + 0.5);
      drawing.text(Text.fitted(row.name(), LEFT - 12), LEFT - 10, middle + 4.5, Anchor.END, Palette.INK);
      boolean two = row.corrected() != null && row.paper() != null;
      if (row.paper() != null) {
        figure(drawing, axes, row.paper(), middle + (two ? ASIDE : 0), Palette.PAPER);
      }
      if (row.corrected() != null) {
        figure(drawing, axes, row.corrected(), middle - (two ? ASIDE : 0), Palette.CORRECTED);
      }
    }
    key(drawing);
  }

  private static void figure(Drawing drawing, Axes axes, Figure figure, double y, Color colour) {
    if (!Double.isNaN(figure.low())) {
      drawing.stroke(
          new Line2D.Double(axes.x(100 * figure.low()), y, axes.x(100 * figure.high()), y), colour,
          1.8);
    }
    drawing.dots(new double[] {axes.x(100 * figure.value())}, new double[] {y}, 3.6, colour, 1);
  }

  private void key(Drawing drawing) {
    double y = Axes.heightOfRows(rows.size()) + KEY_ROOM / 2.0;
    if (rows.stream().anyMatch(row -> row.corrected() != null)) {
      new Key(drawing, LEFT - 30, y).dot("corrected", Palette.CORRECTED);
    }
    if (rows.stream().anyMatch(row -> row.paper() != null)) {
      new Key(drawing, LEFT + 106, y).dot("as published", Palette.PAPER);
    }
  }
}
