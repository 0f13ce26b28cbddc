package io.sagitta.kernels;

/**
 * The sizes of a group normalisation (Wu and He, "Group Normalization", ECCV 2018) over {@code
 * [samples, rows, channels]}: each sample's channels are cut into groups of neighbours, and each
 * group is normalised by itself.
 *
 * @param rows pixels of an image
 * @param groups how many; they divide the channels
 */
public record GroupNormGeometry(int samples, int rows, int channels, int groups) {
  /** Checks. */
  public GroupNormGeometry {
    if (samples < 0 || rows < 1 || groups < 1 || channels < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "group_norm: expected at least one row, and groups that divide the channels, got "
              + samples + " samples of " + rows + " rows, " + channels + " channels in " + groups
              + " groups");
    }
  }

  /** Channels of a group. */
  public int groupChannels() {
    return channels / groups;
  }

  /** Numbers of a group in one sample. */
  public long groupElements() {
    return (long) rows * groupChannels();
  }

  /** Elements of a sample. */
  public long sampleElements() {
    return (long) rows * channels;
  }

  /** Elements of x. */
  public long elements() {
    return samples * sampleElements();
  }
}
