package io.sagitta.attack.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.util.function.Consumer;
import java.util.function.Function;

/** What can be painted on an image and written as SVG. */
public interface Picture {
  int width();

  int height();

  /** Paints it at its size. */
  void paint(Graphics2D graphics);

  /**
   * Its SVG elements.
   *
   * @param name prefix of the identifiers in it
   * @param colours how a colour is written
   */
  String svg(String name, Function<Color, String> colours);

  /** A picture that is drawn when asked for. */
  static Picture drawn(int height, Consumer<Drawing> content) {
    return new Picture() {
      @Override
      public int width() {
        return Axes.WIDTH;
      }

      @Override
      public int height() {
        return height;
      }

      @Override
      public void paint(Graphics2D graphics) {
        content.accept(new RasterDrawing(graphics, Axes.TEXT));
      }

      @Override
      public String svg(String name, Function<Color, String> colours) {
        SvgDrawing drawing = new SvgDrawing(colours);
        content.accept(drawing);
        return drawing.elements();
      }
    };
  }
}
