package io.sagitta.attack.target;

import io.sagitta.nn.data.Normalization;

/**
 * Turns images that are normalised as the audit's into the units that a target wants: y = a_c·x +
 * b_c for each channel, rounded once. Scores are of the audit's units, whatever the target's.
 */
public final class PixelUnits {
  private static final int BYTE = 255;

  private final double[] factors;
  private final double[] offsets;
  private final String name;

  private PixelUnits(String name, double[] factors, double[] offsets) {
    this.name = name;
    this.factors = factors;
    this.offsets = offsets;
  }

  /**
   * The units of a name.
   *
   * @param name {@code auto}, the target's own normalisation where it declares one, else the
   *     audit's; {@code normalised}, the audit's; {@code unit}, 0 to 1; or {@code bytes}, 0 to 255
   * @param audit what images are normalised by here
   * @param declared what the target declares, or null
   */
  public static PixelUnits of(String name, Normalization audit, Normalization declared) {
    return switch (name) {
      case "auto" -> declared == null ? between(audit, audit) : between(audit, declared);
      case "normalised" -> between(audit, audit);
      case "unit" -> scaled(name, audit, 1);
      case "bytes" -> scaled(name, audit, BYTE);
      default ->
          throw new IllegalArgumentException(
              "input: expected auto, normalised, unit or bytes, got '" + name + "'");
    };
  }

  private static PixelUnits between(Normalization from, Normalization to) {
    double[] factors = new double[from.channels()];
    double[] offsets = new double[factors.length];
    for (int c = 0; c < factors.length; c++) {
      factors[c] = (double) from.std()[c] / to.std()[c];
      offsets[c] = ((double) from.mean()[c] - to.mean()[c]) / to.std()[c];
    }
    return new PixelUnits("normalised by " + to, factors, offsets);
  }

  private static PixelUnits scaled(String name, Normalization from, int scale) {
    double[] factors = new double[from.channels()];
    double[] offsets = new double[factors.length];
    for (int c = 0; c < factors.length; c++) {
      factors[c] = (double) from.std()[c] * scale;
      offsets[c] = (double) from.mean()[c] * scale;
    }
    return new PixelUnits(name, factors, offsets);
  }

  /** Converts images in place: [N, H, W, C] in one array. */
  void convert(float[] images) {
    for (int i = 0; i < images.length; i++) {
      int c = i % factors.length;
      images[i] = (float) (factors[c] * images[i] + offsets[c]);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
