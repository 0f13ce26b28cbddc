package io.sagitta.nn.layers;

/** What normalises the channels of convolutions. */
public enum ChannelNorm {
  /** By the batch: a sample's result depends on the others in training. */
  BATCH("batch"),
  /** By groups of a sample's own channels, as private training wants it. */
  GROUP("group");

  private final String id;

  ChannelNorm(String id) {
    this.id = id;
  }

  /**
   * The kind of a name.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static ChannelNorm of(String id) {
    for (ChannelNorm norm : values()) {
      if (norm.id.equals(id)) {
        return norm;
      }
    }
    throw new IllegalArgumentException("norm: expected batch or group, got '" + id + "'");
  }

  /** The name in files. */
  @Override
  public String toString() {
    return id;
  }
}
