package io.sagitta.kernels.cuda;

import java.util.Locale;

/** Numbers of bytes in words. */
final class Sizes {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private Sizes() {}

  /** Such as {@code 512 bytes}, {@code 1.50 GiB} or {@code 139.7 GiB}. */
  static String text(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String form = unit == 0 ? "%.0f %s" : value < 10 ? "%.2f %s" : "%.1f %s";
    return String.format(Locale.ROOT, form, value, UNITS[unit]);
  }
}
