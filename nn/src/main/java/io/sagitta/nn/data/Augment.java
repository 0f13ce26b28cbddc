package io.sagitta.nn.data;

import io.sagitta.kernels.Philox;

/**
 * Random views of training images, normalised. A view depends on (seed, epoch, index) only.
 *
 * <p>Crop-flip is torchvision's {@code RandomCrop(size, padding=4)} followed by {@code
 * RandomHorizontalFlip}: the border is black before normalisation, so it holds −mean/std after it.
 */
public final class Augment {
  /** What is done to a training image. */
  public enum Mode {
    NONE("none"),
    CROP_FLIP("crop-flip");

    private final String id;

    Mode(String id) {
      this.id = id;
    }

    /**
     * The mode of a name.
     *
     * @throws IllegalArgumentException listing the names
     */
    public static Mode of(String id) {
      for (Mode mode : values()) {
        if (mode.id.equals(id)) {
          return mode;
        }
      }
      throw new IllegalArgumentException("augment: expected none or crop-flip, got '" + id + "'");
    }

    /** The name on the command line and in run files. */
    @Override
    public String toString() {
      return id;
    }
  }

  private static final int PADDING = 4;
  private static final int SHIFTS = 2 * PADDING + 1;

  private Augment() {}

  /**
   * A batch of views.
   *
   * @param indices the images, by their index in the data set
   * @param epoch counts from 0; each gives new views
   * @param out receives [indices.length, H, W, C] from its start
   */
  public static void augmentedBatch(
      ImageDataset dataset, int[] indices, long epoch, long seed, Mode mode, float[] out) {
    if (mode == Mode.NONE) {
      dataset.normalized(indices, out);
      return;
    }
    dataset.requireRoom(indices, out);
    Philox philox = new Philox(seed);
    long stream = Streams.augment(epoch);
    int[] words = new int[4];
    for (int i = 0; i < indices.length; i++) {
      philox.block(stream, indices[i], words);
      int shiftY = below(SHIFTS, words[0]) - PADDING;
      int shiftX = below(SHIFTS, words[1]) - PADDING;
      boolean flip = words[2] < 0;
      dataset.copyView(indices[i], shiftY, shiftX, flip, out, i * dataset.imageElements());
    }
  }

  /** A number in 0 … bound − 1 from 32 random bits; the bias is below bound / 2^32. */
  private static int below(int bound, int word) {
    return (int) ((word & 0xFFFFFFFFL) * bound >>> 32);
  }
}
