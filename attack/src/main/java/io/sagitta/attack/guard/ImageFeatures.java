package io.sagitta.attack.guard;

import io.sagitta.nn.data.ImageDataset;
import java.util.stream.IntStream;

/**
 * What can be said of an image without any model: each channel's mean, deviation and histogram, how
 * much neighbouring pixels differ, and the class.
 */
final class ImageFeatures {
  private static final int BINS = 8;

  /** More classes share places: one in {@value} tells a shift of labels well enough. */
  private static final int MOST_CLASSES = 128;

  private ImageFeatures() {}

  /** {@code [samples][features]}, each feature with mean 0 and variance 1; constant ones are 0. */
  static double[][] of(ImageDataset images) {
    double[][] features =
        IntStream.range(0, images.size())
            .parallel()
            .mapToObj(sample -> of(images, sample))
            .toArray(double[][]::new);
    standardise(features);
    return features;
  }

  private static double[] of(ImageDataset images, int sample) {
    int channels = images.channels();
    int classes = Math.min(images.classes(), MOST_CLASSES);
    double[] features = new double[channels * (BINS + 2) + 2 + classes];
    byte[] pixels = images.pixels(sample);
    double each = 1.0 / (images.height() * images.width());
    for (int channel = 0; channel < channels; channel++) {
      int at = channel * (BINS + 2);
      double squares = 0;
      for (int i = channel; i < pixels.length; i += channels) {
        double value = (pixels[i] & 0xFF) / 255.0;
        features[at] += value * each;
        squares += value * value * each;
        features[at + 2 + (pixels[i] & 0xFF) * BINS / 256] += each;
      }
      features[at + 1] = Math.sqrt(Math.max(0, squares - features[at] * features[at]));
    }
    int at = channels * (BINS + 2);
    features[at] = difference(images, pixels, channels, images.width() - 1, images.height());
    features[at + 1] =
        difference(images, pixels, images.width() * channels, images.width(), images.height() - 1);
    features[at + 2 + images.label(sample) % classes] = 1;
    return features;
  }

  /** The root mean square of what a pixel differs from one at a distance in the array. */
  private static double difference(
      ImageDataset images, byte[] pixels, int distance, int columns, int rows) {
    int row = images.width() * images.channels();
    double squares = 0;
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < columns * images.channels(); x++) {
        int i = y * row + x;
        double step = ((pixels[i + distance] & 0xFF) - (pixels[i] & 0xFF)) / 255.0;
        squares += step * step;
      }
    }
    return Math.sqrt(squares / Math.max(1, rows * columns * images.channels()));
  }

  private static void standardise(double[][] features) {
    int n = features.length;
    for (int f = 0; f < features[0].length; f++) {
      double mean = 0;
      double squares = 0;
      for (double[] row : features) {
        mean += row[f] / n;
      }
      for (double[] row : features) {
        squares += (row[f] - mean) * (row[f] - mean) / n;
      }
      double deviation = Math.sqrt(squares);
      for (double[] row : features) {
        row[f] = deviation > 1e-9 ? (row[f] - mean) / deviation : 0;
      }
    }
  }
}
