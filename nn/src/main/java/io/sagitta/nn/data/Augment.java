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

  /** The numbers that make a view. */
  static final int DRAW = 4;

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
    dataset.requireRoom(indices, out);
    int[] draws = draws(indices, epoch, seed, mode);
    dataset.each(indices.length, i -> view(dataset, draws, i, out));
  }

  /** View i of {@link #draws}, at its place in {@code out}. */
  static void view(ImageDataset dataset, int[] draws, int i, float[] out) {
    int at = i * DRAW;
    dataset.copyView(
        draws[at], draws[at + 1], draws[at + 2], draws[at + 3] != 0, out,
        i * dataset.imageElements());
  }

  /**
   * What makes a batch of views: [indices.length, 4], of each the index, the shift down, the shift
   * to the right, and 1 where it is mirrored.
   */
  static int[] draws(int[] indices, long epoch, long seed, Mode mode) {
    Philox philox = new Philox(seed);
    long stream = Streams.augment(epoch);
    int[] words = new int[4];
    int[] draws = new int[indices.length * DRAW];
    for (int i = 0; i < indices.length; i++) {
      draws[i * DRAW] = indices[i];
      if (mode == Mode.CROP_FLIP) {
        philox.block(stream, indices[i], words);
        draws[i * DRAW + 1] = below(SHIFTS, words[0]) - PADDING;
        draws[i * DRAW + 2] = below(SHIFTS, words[1]) - PADDING;
        draws[i * DRAW + 3] = words[2] >>> 31;
      }
    }
    return draws;
  }

  /** A number in 0 … bound − 1 from 32 random bits; the bias is below bound / 2^32. */
  private static int below(int bound, int word) {
    return (int) ((word & 0xFFFFFFFFL) * bound >>> 32);
  }
}
