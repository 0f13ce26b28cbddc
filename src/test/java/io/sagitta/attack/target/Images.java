package io.sagitta.attack.target;

import io.sagitta.kernels.Philox;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Normalization;
import java.time.Duration;
import java.util.Collections;
import java.util.stream.IntStream;

/** Random images for targets, and settings to ask with. */
public final class Images {
  private Images() {}

  /** Images of a size; labels go round. */
  public static ImageDataset of(int count, int height, int width, int classes) {
    return of(count, height, width, classes, Normalization.CIFAR100);
  }

  /** The same, normalised otherwise. */
  public static ImageDataset of(
      int count, int height, int width, int classes, Normalization normalization) {
    Philox philox = new Philox(11);
    byte[] pixels = new byte[count * height * width * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) philox.integer(1, i, 256);
    }
    int[] labels = IntStream.range(0, count).map(i -> i % classes).toArray();
    return new ImageDataset(
        "random", Collections.nCopies(classes, "class"), height, width, 3, pixels, labels,
        normalization);
  }

  /** All of them, normalised. */
  public static float[] normalized(ImageDataset images) {
    float[] all = new float[images.size() * images.imageElements()];
    images.normalized(IntStream.range(0, images.size()).toArray(), all);
    return all;
  }

  /** Settings for files. */
  public static TargetSettings settings() {
    return settings(null, 7);
  }

  /** The same, reading an output of this name, so many images at a time. */
  public static TargetSettings settings(String output, int batch) {
    return new TargetSettings(
        output, batch, 0, 0, Duration.ZERO, Duration.ofSeconds(10), 0, Token.NONE, null);
  }
}
