package io.sagitta.attack.report;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** How figures and words are written in the report. */
final class Text {
  private static final String NONE = "–";
  private static final Font LARGEST = new Font(Font.SANS_SERIF, Font.PLAIN, (int) Axes.MOST_TEXT);
  private static final FontRenderContext MEASURE = new FontRenderContext(null, true, true);

  private Text() {}

  /** Safe between tags and inside quoted attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /**
   * What of a name there is room for in a picture, at the largest size of its words.
   *
   * @param width in units of a picture
   */
  static String fitted(String name, double width) {
    String fitted = name;
    for (int length = name.length(); width(fitted) > width && length > 1; length--) {
      fitted = name.substring(0, length - 1).strip() + "…";
    }
    return fitted;
  }

  private static double width(String words) {
    return LARGEST.getStringBounds(words, MEASURE).getWidth();
  }

  /** Ends with a full stop, which the last word may bring. */
  static String sentence(String words) {
    return words.endsWith(".") ? words : words + ".";
  }

  /** A share as a percentage of two decimals, without the sign. */
  static String percent(double share) {
    return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.2f", share * 100);
  }

  /** A bound on ε, of two decimals. */
  static String epsilon(double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, "%.2f", value);
  }

  /** A share as a percentage for a sentence. */
  static String about(double share) {
    return String.format(Locale.ROOT, share < 0.1 ? "%.2f%%" : "%.1f%%", share * 100);
  }

  /** Four significant digits. */
  static String figure(double value) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    double size = Math.abs(value);
    boolean plain = size == 0 || size >= 1e-3 && size < 1e5;
    return plain
        ? new BigDecimal(value, new MathContext(4)).toPlainString()
        : String.format(Locale.ROOT, "%.3e", value);
  }

  /** Two significant digits, for where there is little room. */
  static String brief(double value) {
    if (Double.isNaN(value)) {
      return NONE;
    }
    double size = Math.abs(value);
    return size == 0 || size >= 1e-3 && size < 1e4
        ? new BigDecimal(value, new MathContext(2)).toPlainString()
        : String.format(Locale.ROOT, "%.0e", value);
  }

  /** A number that somebody chose, with the digits it was given. */
  static String plain(double value) {
    BigDecimal exact = new BigDecimal(value, new MathContext(12)).stripTrailingZeros();
    return value == 0 || value >= 1e-3 ? exact.toPlainString() : exact.toString();
  }

  /** A count with a comma at every third digit. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
