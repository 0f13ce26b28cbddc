package io.sagitta.attack.report;

import io.sagitta.attack.report.Drawing.Anchor;
import java.awt.Color;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.util.List;

/**
 * Two axes of a picture and what is drawn between them, in their values. The title of the vertical
 * axis stands level above it, where it is read without turning the head.
 */
final class Axes {
  /** The width of every picture. */
  static final int WIDTH = 440;

  /** The height of most. */
  static final int HEIGHT = 340;

  /**
   * Words, in units of a picture. Where a page shows pictures smaller it makes words larger, up to
   * {@value #MOST_TEXT}; what is placed here leaves room for that.
   */
  static final double TEXT = 13;

  /** The largest size of words that pictures leave room for. */
  static final double MOST_TEXT = 16;

  private static final double LEFT = 64;
  private static final double RIGHT = 26;
  private static final double TOP = 32;
  private static final double UNTITLED_TOP = 8;
  private static final double BOTTOM = 48;
  private static final double MARK = 5;
  private static final double SMALL_MARK = 3;
  private static final double THIN = 1;
  private static final double ROW = 22;

  private final Drawing drawing;
  private final Scale x;
  private final Scale y;
  private final double left;
  private final double top;
  private final double height;

  /** Axes in a picture of the usual size. */
  Axes(Drawing drawing, Scale x, Scale y) {
    this(drawing, x, y, LEFT, TOP, HEIGHT);
  }

  private Axes(Drawing drawing, Scale x, Scale y, double left, double top, double height) {
    this.drawing = drawing;
    this.x = x;
    this.y = y;
    this.left = left;
    this.top = top;
    this.height = height;
  }

  /**
   * Axes with a row a name, numbered from 0 downwards.
   *
   * @param left room for the names
   */
  static Axes ofRows(Drawing drawing, Scale x, int rows, double left) {
    Scale y = new Scale(rows, 0, List.of());
    return new Axes(drawing, x, y, left, UNTITLED_TOP, heightOfRows(rows));
  }

  /** The height of axes of rows. */
  static int heightOfRows(int rows) {
    return (int) (UNTITLED_TOP + ROW * rows + BOTTOM);
  }

  /** Where a value of the horizontal axis is drawn. */
  double x(double value) {
    return left + x.at(value) * (WIDTH - RIGHT - left);
  }

  /** Where a value of the vertical axis is drawn. */
  double y(double value) {
    double bottom = height - BOTTOM;
    return bottom - y.at(value) * (bottom - top);
  }

  /** Draws axes, marks and grid. */
  void frame(String xTitle, String yTitle) {
    double bottom = height - BOTTOM;
    for (Scale.Mark mark : x.marks()) {
      double at = x(mark.value());
      boolean small = mark.label().isEmpty();
      if (!small) {
        segment(at, top, at, bottom, Palette.GRID);
        drawing.text(mark.label(), at, bottom + 20, Anchor.MIDDLE, Palette.MUTED);
      }
      segment(at, bottom, at, bottom + (small ? SMALL_MARK : MARK), Palette.MUTED);
    }
    for (Scale.Mark mark : y.marks()) {
      double at = y(mark.value());
      boolean small = mark.label().isEmpty();
      if (!small) {
        segment(left, at, WIDTH - RIGHT, at, Palette.GRID);
        drawing.text(mark.label(), left - 9, at + 4.5, Anchor.END, Palette.MUTED);
      }
      segment(left - (small ? SMALL_MARK : MARK), at, left, at, Palette.MUTED);
    }
    segment(left, top, left, bottom, Palette.MUTED);
    segment(left, bottom, WIDTH - RIGHT, bottom, Palette.MUTED);
    drawing.text(xTitle, WIDTH - RIGHT, height - 7, Anchor.END, Palette.INK);
    drawing.text(yTitle, 4, 17, Anchor.START, Palette.INK);
  }

  private void segment(double x1, double y1, double x2, double y2, Color colour) {
    drawing.stroke(new Line2D.Double(x1, y1, x2, y2), colour, THIN);
  }

  /** Draws a line through points. */
  void line(double[] xs, double[] ys, Color colour, double width, float... dashes) {
    drawing.stroke(path(xs, ys), colour, width, dashes);
  }

  /** Fills what a line encloses with itself. */
  void area(double[] xs, double[] ys, Color colour, double opacity) {
    drawing.fill(path(xs, ys), colour, opacity);
  }

  private Path2D path(double[] xs, double[] ys) {
    Path2D path = new Path2D.Double();
    for (int i = 0; i < xs.length; i++) {
      if (i == 0) {
        path.moveTo(x(xs[i]), y(ys[i]));
      } else {
        path.lineTo(x(xs[i]), y(ys[i]));
      }
    }
    return path;
  }

  /** Draws a dot a point. */
  void dots(double[] xs, double[] ys, double radius, Color colour, double opacity) {
    double[] across = new double[xs.length];
    double[] down = new double[xs.length];
    for (int i = 0; i < xs.length; i++) {
      across[i] = x(xs[i]);
      down[i] = y(ys[i]);
    }
    drawing.dots(across, down, radius, colour, opacity);
  }
}
