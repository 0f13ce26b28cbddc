package io.sagitta.nn.data;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What turns a byte into a network's input: {@code (byte / 255 − mean) / std} for each channel, in
 * float32 and in this order, as torchvision's {@code ToTensor} and {@code Normalize} compute it.
 *
 * @param mean for each channel, on the scale 0 to 1
 * @param std for each channel, on the same scale, above zero
 */
public record Normalization(float[] mean, float[] std) {
  /** CIFAR-100's training set. */
  public static final Normalization CIFAR100 =
      new Normalization(
          new float[] {0.5071f, 0.4865f, 0.4409f}, new float[] {0.2673f, 0.2564f, 0.2762f});

  /** CIFAR-10's training set. */
  public static final Normalization CIFAR10 =
      new Normalization(
          new float[] {0.4914f, 0.4822f, 0.4465f}, new float[] {0.2470f, 0.2435f, 0.2616f});

  /** ImageNet's training set, the usual choice for photographs. */
  public static final Normalization IMAGENET =
      new Normalization(
          new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

  /** The procedural data set; its deviation was measured. */
  public static final Normalization SYNTHETIC =
      new Normalization(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.14f, 0.14f, 0.14f});

  private static final Pattern TEXT = Pattern.compile("mean \\[([^]]*)], std \\[([^]]*)]");

  /** Checks and copies. */
  public Normalization {
    if (mean.length != std.length || mean.length == 0) {
      throw new IllegalArgumentException(
          "normalization: expected as many means as deviations, at least one, got " + mean.length
              + " and " + std.length);
    }
    for (int c = 0; c < std.length; c++) {
      if (!(std[c] > 0) || !Float.isFinite(std[c]) || !Float.isFinite(mean[c])) {
        throw new IllegalArgumentException(
            "normalization: expected finite means and deviations above zero, got mean " + mean[c]
                + " and std " + std[c] + " for channel " + c);
      }
    }
    mean = mean.clone();
    std = std.clone();
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /** The number of channels. */
  public int channels() {
    return mean.length;
  }

  /** One value, from an unsigned byte. */
  public float apply(int channel, byte pixel) {
    return ((pixel & 0xFF) / 255f - mean[channel]) / std[channel];
  }

  /** Every value there is: [channels][256]. */
  float[][] table() {
    float[][] table = new float[mean.length][256];
    for (int c = 0; c < mean.length; c++) {
      for (int pixel = 0; pixel < 256; pixel++) {
        table[c][pixel] = apply(c, (byte) pixel);
      }
    }
    return table;
  }

  /**
   * Reads {@link #toString} back.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static Normalization of(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "normalization: expected 'mean [..], std [..]', got '" + text + "'");
    }
    return new Normalization(numbers(parts.group(1)), numbers(parts.group(2)));
  }

  private static float[] numbers(String text) {
    String[] words = text.split(",", -1);
    float[] numbers = new float[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] = Float.parseFloat(words[i]);
    }
    return numbers;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalization that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "mean " + Arrays.toString(mean) + ", std " + Arrays.toString(std);
  }
}
