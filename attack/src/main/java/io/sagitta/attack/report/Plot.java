package io.sagitta.attack.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/**
 * A picture of a report.
 *
 * @param name of its files, without an ending
 * @param title above it
 * @param caption below it: what it shows, in words
 * @param picture what is painted
 */
public record Plot(String name, String title, String caption, Picture picture) {
  private static final int PNG_SCALE = 2;
  private static final String FONT =
      " font-family=\"system-ui,Helvetica,Arial,sans-serif\" font-size=\"" + (int) Axes.TEXT + "\"";

  static {
    // Pictures are painted without a screen; AWT must know before it starts.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  /**
   * Two histograms of common logarithms, each in per cent of its own group.
   *
   * @param axis what they are logarithms of
   * @param members ascending, at least one
   * @param nonmembers ascending, at least one
   */
  public static Plot histogram(
      String name, String title, String caption, String axis, double[] members,
      double[] nonmembers) {
    return new Plot(
        name, title, caption, new HistogramChart(axis, true, members, nonmembers).picture());
  }

  /**
   * Quantiles of residuals against those of the standard normal distribution.
   *
   * @param in of models that had the sample, at least one
   * @param out of models that had not, at least one
   */
  public static Plot quantiles(
      String name, String title, String caption, double[] in, double[] out) {
    return new Plot(name, title, caption, new QqChart(in, out).picture());
  }

  /** A whole SVG file on a white ground. */
  public String svg() {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size() + FONT
        + " style=\"background:#fff\"><title>" + Text.escape(title) + "</title>"
        + picture.svg(name, Palette::plain) + "</svg>\n";
  }

  /** An SVG element to stand in HTML, its colours, font and size of words following the page's. */
  String inlineSvg() {
    return "<svg " + size() + " role=\"img\" aria-label=\"" + Text.escape(title + ". " + caption)
        + "\">" + picture.svg(name, Palette::variable) + "</svg>";
  }

  private String size() {
    return "viewBox=\"0 0 " + picture.width() + " " + picture.height() + "\"";
  }

  /** A PNG file on a white ground, two pixels a unit. */
  byte[] png() {
    int width = picture.width() * PNG_SCALE;
    int height = picture.height() * PNG_SCALE;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    picture.paint(graphics);
    graphics.dispose();
    return Thumbnail.png(image);
  }
}
