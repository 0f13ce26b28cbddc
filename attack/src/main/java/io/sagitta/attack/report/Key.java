package io.sagitta.attack.report;

import io.sagitta.attack.report.Drawing.Anchor;
import java.awt.Color;
import java.awt.geom.Line2D;

/** What the colours of a picture mean: a short line and a name each, one under the other. */
final class Key {
  private static final double ROW = 18;
  private static final double SAMPLE = 22;
  private static final double GAP = 7;

  private final Drawing drawing;
  private final double x;
  private final double width;
  private double y;

  /**
   * @param x where the sample lines begin
   * @param y of the first row's middle
   */
  Key(Drawing drawing, double x, double y) {
    this(drawing, x, y, Axes.WIDTH - x);
  }

  /**
   * @param width of lines and names together
   */
  Key(Drawing drawing, double x, double y, double width) {
    this.drawing = drawing;
    this.x = x;
    this.y = y;
    this.width = width;
  }

  /** The height of so many rows. */
  static double height(int rows) {
    return ROW * rows;
  }

  /** A line's row. */
  void line(String name, Color colour, double width, float... dashes) {
    drawing.stroke(new Line2D.Double(x, y, x + SAMPLE, y), colour, width, dashes);
    name(name);
  }

  /** A dot's row. */
  void dot(String name, Color colour) {
    drawing.dots(new double[] {x + SAMPLE / 2}, new double[] {y}, 4, colour, 1);
    name(name);
  }

  private void name(String name) {
    String fitted = Text.fitted(name, width - SAMPLE - GAP);
    drawing.text(fitted, x + SAMPLE + GAP, y + 4.5, Anchor.START, Palette.INK);
    y += ROW;
  }
}
