package io.sagitta.attack.report;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Composite;
import java.awt.Graphics;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.PathIterator;
import java.awt.geom.Point2D;
import java.math.BigDecimal;
import java.util.function.Function;

/**
 * Turns what a chart paints into SVG elements: filled and stroked outlines, text included, so that
 * no font is needed to look at them.
 */
final class SvgCanvas extends StateCanvas {
  private static final String ELEMENT_END = "\"/>";

  private final String name;
  private final Function<Color, String> colours;
  private final StringBuilder svg;
  private final int[] clips;
  private Shape clipped;
  private String clipAttribute = "";
  private String lineStyle = "";
  private Point2D lineEnd;

  /**
   * @param name prefix of the identifiers in it
   * @param colours how a colour is written
   */
  SvgCanvas(String name, Function<Color, String> colours) {
    this(name, colours, new StringBuilder(), new int[1]);
  }

  private SvgCanvas(
      String name, Function<Color, String> colours, StringBuilder svg, int[] clips) {
    this.name = name;
    this.colours = colours;
    this.svg = svg;
    this.clips = clips;
  }

  /** The elements painted so far. */
  String content() {
    return svg.toString();
  }

  /** A canvas with a state of its own that paints into the same picture. */
  @Override
  public Graphics create() {
    lineEnd = null;
    SvgCanvas copy = new SvgCanvas(name, colours, svg, clips);
    copy.takeState(this);
    return copy;
  }

  @Override
  public void fill(Shape shape) {
    String colour = paint("fill");
    if (colour != null) {
      element(shape, colour);
    }
  }

  @Override
  public void draw(Shape shape) {
    Stroke stroke = getStroke();
    if (!(stroke instanceof BasicStroke)) {
      fill(stroke.createStrokedShape(shape));
      return;
    }
    String colour = paint("stroke");
    BasicStroke basic = (BasicStroke) stroke;
    if (colour == null || basic.getLineWidth() <= 0) {
      return;
    }
    double scale = Math.sqrt(Math.abs(getTransform().getDeterminant()));
    StringBuilder style = new StringBuilder("fill:none;").append(colour);
    style.append(";stroke-width:").append(number(basic.getLineWidth() * scale));
    style.append(";stroke-linejoin:round");
    if (basic.getDashArray() != null) {
      style.append(";stroke-dasharray:");
      for (float dash : basic.getDashArray()) {
        style.append(number(dash * scale)).append(' ');
      }
    }
    if (shape instanceof Line2D line) {
      line(line, clip() + " style=\"" + style.toString().strip() + "\"");
    } else {
      element(shape, style.toString());
    }
  }

  /** Charts draw curves segment by segment; what continues the last line becomes one with it. */
  private void line(Line2D line, String style) {
    Point2D start = getTransform().transform(line.getP1(), null);
    Point2D end = getTransform().transform(line.getP2(), null);
    if (style.equals(lineStyle) && start.equals(lineEnd)) {
      svg.setLength(svg.length() - ELEMENT_END.length());
    } else {
      svg.append("<path").append(style).append(" d=\"");
      svg.append('M').append(number(start.getX())).append(' ').append(number(start.getY()));
    }
    svg.append('L').append(number(end.getX())).append(' ').append(number(end.getY()));
    svg.append(ELEMENT_END);
    lineStyle = style;
    lineEnd = end;
  }

  @Override
  public void drawString(String text, float x, float y) {
    if (!text.isEmpty()) {
      Shape outline =
          new TextLayout(text, getFont(), getFontRenderContext())
              .getOutline(AffineTransform.getTranslateInstance(x, y));
      fill(outline);
    }
  }

  /** The colour as a style, or null where it would be invisible. */
  private String paint(String kind) {
    Paint paint = getPaint();
    if (!(paint instanceof Color)) {
      throw new UnsupportedOperationException("svg: expected a plain colour, got " + paint);
    }
    Color colour = (Color) paint;
    Composite composite = getComposite();
    double alpha = colour.getAlpha() / 255.0;
    if (composite instanceof AlphaComposite) {
      alpha *= ((AlphaComposite) composite).getAlpha();
    }
    if (alpha == 0) {
      return null;
    }
    String style = kind + ":" + colours.apply(colour);
    return alpha < 1 ? style + ";" + kind + "-opacity:" + number(alpha) : style;
  }

  private void element(Shape shape, String style) {
    Shape placed = getTransform().createTransformedShape(shape);
    String path = path(placed);
    if (path.isEmpty()) {
      return;
    }
    String clip = clip();
    svg.append("<path").append(clip).append(" style=\"").append(style.strip());
    svg.append("\" d=\"").append(path).append(ELEMENT_END);
    lineEnd = null;
  }

  /** A clip is written when something is first painted through it. */
  private String clip() {
    Shape clip = getClip();
    if (clip == null) {
      return "";
    }
    if (!clip.equals(clipped)) {
      clipped = clip;
      lineEnd = null;
      String id = name + "-clip" + ++clips[0];
      svg.append("<clipPath id=\"").append(id).append("\"><path d=\"");
      svg.append(path(getTransform().createTransformedShape(clip))).append("\"/></clipPath>");
      clipAttribute = " clip-path=\"url(#" + id + ")\"";
    }
    return clipAttribute;
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
