package io.sagitta.attack.report;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.PathIterator;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.function.Function;

/**
 * Writes a picture as SVG elements. Words stay words: a page gives them its font, its size and its
 * colours, and a reader can search and copy them.
 */
final class SvgDrawing implements Drawing {
  private final Function<Color, String> colours;
  private final StringBuilder svg = new StringBuilder();

  /**
   * @param colours how a colour is written
   */
  SvgDrawing(Function<Color, String> colours) {
    this.colours = colours;
  }

  /** The elements drawn so far. */
  String elements() {
    return svg.toString();
  }

  @Override
  public void fill(Shape shape, Color colour, double opacity) {
    String style = "fill:" + colours.apply(colour);
    element(shape, opacity < 1 ? style + ";fill-opacity:" + number(opacity) : style);
  }

  @Override
  public void stroke(Shape shape, Color colour, double width, float... dashes) {
    StringBuilder style = new StringBuilder("fill:none;stroke:").append(colours.apply(colour));
    style.append(";stroke-width:").append(number(width)).append(";stroke-linejoin:round");
    for (int i = 0; i < dashes.length; i++) {
      style.append(i == 0 ? ";stroke-dasharray:" : " ").append(number(dashes[i]));
    }
    element(shape, style.toString());
  }

  private void element(Shape shape, String style) {
    svg.append("<path style=\"").append(style).append("\" d=\"").append(path(shape));
    svg.append("\"/>");
  }

  /** One path for all: a line of no length with round ends is a dot. */
  @Override
  public void dots(double[] x, double[] y, double radius, Color colour, double opacity) {
    svg.append("<path style=\"stroke:").append(colours.apply(colour));
    svg.append(";stroke-opacity:").append(number(opacity)).append(";stroke-width:");
    svg.append(number(2 * radius)).append(";stroke-linecap:round\" d=\"");
    for (int i = 0; i < x.length; i++) {
      svg.append('M').append(number(x[i])).append(' ').append(number(y[i])).append("h0");
    }
    svg.append("\"/>");
  }

  @Override
  public void text(String text, double x, double y, Anchor anchor, Color colour) {
    svg.append("<text x=\"").append(number(x)).append("\" y=\"").append(number(y));
    if (anchor != Anchor.START) {
      svg.append("\" text-anchor=\"").append(anchor.name().toLowerCase(Locale.ROOT));
    }
    svg.append("\" style=\"fill:").append(colours.apply(colour)).append("\">");
    svg.append(Text.escape(text)).append("</text>");
  }

  private static String path(Shape shape) {
    StringBuilder path = new StringBuilder();
    double[] c = new double[6];
    for (PathIterator i = shape.getPathIterator(null); !i.isDone(); i.next()) {
      switch (i.currentSegment(c)) {
        case PathIterator.SEG_MOVETO -> points(path, 'M', c, 2);
        case PathIterator.SEG_LINETO -> points(path, 'L', c, 2);
        case PathIterator.SEG_QUADTO -> points(path, 'Q', c, 4);
        case PathIterator.SEG_CUBICTO -> points(path, 'C', c, 6);
        default -> path.append('Z');
      }
    }
    return path.toString();
  }

  private static void points(StringBuilder path, char command, double[] coordinates, int count) {
    path.append(command);
    for (int i = 0; i < count; i++) {
      path.append(i == 0 ? "" : " ").append(number(coordinates[i]));
    }
  }

  /** Two decimals, without zeros at the end. */
  private static String number(double value) {
    return BigDecimal.valueOf(Math.round(value * 100), 2).stripTrailingZeros().toPlainString();
  }
}
