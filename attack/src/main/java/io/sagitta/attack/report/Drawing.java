package io.sagitta.attack.report;

import java.awt.Color;
import java.awt.Shape;

/**
 * What pictures are drawn with: outlines, dots and words, in units of about a pixel, y downwards.
 * Colours are those of {@link Palette}.
 */
interface Drawing {
  /** Which point of a text its coordinates are. */
  enum Anchor {
    /** Its left end. */
    START,
    /** Its middle. */
    MIDDLE,
    /** Its right end. */
    END
  }

  /** Fills an outline. */
  void fill(Shape shape, Color colour, double opacity);

  /**
   * Draws along an outline.
   *
   * @param width of the line; 0 draws nothing
   * @param dashes lengths drawn and left out in turn; none for a solid line
   */
  void stroke(Shape shape, Color colour, double width, float... dashes);

  /** Fills a circle at each point ({@code x[i]}, {@code y[i]}). */
  void dots(double[] x, double[] y, double radius, Color colour, double opacity);

  /**
   * Writes words in the picture's one size.
   *
   * @param y of the line that letters stand on
   */
  void text(String text, double x, double y, Anchor anchor, Color colour);
}
