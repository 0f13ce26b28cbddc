package io.sagitta.attack.study;

import java.util.Locale;

/** Figures as they stand in a paragraph. */
final class Words {
  private Words() {}

  /** Three significant digits. */
  static String figure(double value) {
    double size = Math.abs(value);
    if (Double.isNaN(value)) {
      return "no number";
    }
    if (size != 0 && (size < 1e-3 || size >= 1e5)) {
      return String.format(Locale.ROOT, "%.2e", value);
    }
    int decimals = size == 0 ? 0 : (int) Math.max(0, 2 - Math.floor(Math.log10(size)));
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A share in per cent with one decimal. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** A count with a comma at every third digit. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** A count and its noun, which takes an s where there are several. */
  static String many(long n, String noun) {
    return count(n) + " " + noun + (n == 1 ? "" : "s");
  }

  /** With a full stop, unless an abbreviation brings one. */
  static String sentence(String text) {
    return text.endsWith(".") ? text : text + ".";
  }
}
