package io.sagitta.attack.report;

import io.sagitta.attack.methods.Distribution;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;

/**
 * A picture of a report.
 *
 * @param name of its files, without an ending
 * @param title above it
 * @param caption below it: what it shows, in words
 * @param chart what is painted
 */
public record Plot(String name, String title, String caption, XYChart chart) {
  private static final int PNG_SCALE = 2;

  /**
   * Two histograms of a signal, members' and non-members', over one logarithmic axis.
   *
   * @param axis what is measured
   */
  public static Plot histogram(
      String name, String title, String caption, Distribution distribution, String axis) {
    return new Plot(name, title, caption, HistogramChart.of(distribution, axis));
  }

  /** A whole SVG file on a white ground. */
  String svg() {
    SvgCanvas canvas = new SvgCanvas(name, Palette::plain);
    chart.paint(canvas, chart.getWidth(), chart.getHeight());
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size() + " style=\"background:#fff\">"
        + "<title>" + Text.escape(title) + "</title>" + canvas.content() + "</svg>\n";
  }

  /** An SVG element to stand in HTML, its colours following the page's. */
  String inlineSvg() {
    SvgCanvas canvas = new SvgCanvas(name, Palette::variable);
    chart.paint(canvas, chart.getWidth(), chart.getHeight());
    return "<svg " + size() + " role=\"img\" aria-label=\"" + Text.escape(title + ". " + caption)
        + "\">" + canvas.content() + "</svg>";
  }

  private String size() {
    return "viewBox=\"0 0 " + chart.getWidth() + " " + chart.getHeight() + "\"";
  }

  /** A PNG file on a white ground, two pixels a unit. */
  byte[] png() {
    int width = chart.getWidth() * PNG_SCALE;
    int height = chart.getHeight() * PNG_SCALE;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.scale(PNG_SCALE, PNG_SCALE);
    chart.paint(graphics, chart.getWidth(), chart.getHeight());
    graphics.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", png)) {
        throw new IllegalStateException("this Java has no PNG writer");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return png.toByteArray();
  }
}
