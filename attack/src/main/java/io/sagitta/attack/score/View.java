package io.sagitta.attack.score;

import io.sagitta.nn.data.ImageDataset;
import java.util.List;
import java.util.Locale;

/** An augmentation under which samples are scored. The order is that of the files' first axis. */
public enum View {
  /** The image as it is. */
  IDENTITY,
  /** The image mirrored left to right. */
  FLIP;

  /**
   * The first views.
   *
   * @param count 1 or 2
   */
  public static List<View> first(int count) {
    if (count < 1 || count > values().length) {
      throw new IllegalArgumentException(
          "views: expected 1 to " + values().length + ", got " + count);
    }
    return List.of(values()).subList(0, count);
  }

  /** The name in files: {@code identity} or {@code flip}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The normalised images under this view, [indices.length, H, W, C] from the array's start. */
  void read(ImageDataset dataset, int[] indices, float[] out) {
    if (this == FLIP) {
      dataset.normalizedFlipped(indices, out);
    } else {
      dataset.normalized(indices, out);
    }
  }

  /** The number that sample {@code index}'s directions hang on: each view has its own. */
  long sampleId(int index) {
    return (long) ordinal() << 31 | index;
  }
}
