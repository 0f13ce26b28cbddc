package io.sagitta.attack.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.TextLayout;
import java.awt.geom.Ellipse2D;

/** Paints a picture on an image. */
final class RasterDrawing implements Drawing {
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 1);

  private final Graphics2D graphics;
  private final Font font;

  /**
   * @param graphics whose unit is the picture's
   * @param textSize of all words
   */
  RasterDrawing(Graphics2D graphics, double textSize) {
    this.graphics = graphics;
    this.font = FONT.deriveFont((float) textSize);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  private void setColour(Color colour, double opacity) {
    graphics.setColor(
        new Color(
            colour.getRed(), colour.getGreen(), colour.getBlue(), (int) Math.round(255 * opacity)));
  }

  @Override
  public void fill(Shape shape, Color colour, double opacity) {
    setColour(colour, opacity);
    graphics.fill(shape);
  }

  @Override
  public void stroke(Shape shape, Color colour, double width, float... dashes) {
    setColour(colour, 1);
    graphics.setStroke(
        new BasicStroke(
            (float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10,
            dashes.length == 0 ? null : dashes, 0));
    graphics.draw(shape);
  }

  @Override
  public void dots(double[] x, double[] y, double radius, Color colour, double opacity) {
    setColour(colour, opacity);
    for (int i = 0; i < x.length; i++) {
      graphics.fill(new Ellipse2D.Double(x[i] - radius, y[i] - radius, 2 * radius, 2 * radius));
    }
  }

  @Override
  public void text(String text, double x, double y, Anchor anchor, Color colour) {
    if (text.isEmpty()) {
      return;
    }
    setColour(colour, 1);
    TextLayout layout = new TextLayout(text, font, graphics.getFontRenderContext());
    double share = anchor == Anchor.START ? 0 : anchor == Anchor.MIDDLE ? 0.5 : 1;
    layout.draw(graphics, (float) (x - share * layout.getAdvance()), (float) y);
  }
}
