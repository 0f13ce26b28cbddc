package io.sagitta.nn.data;

/** Which part of a data set. */
public enum Split {
  TRAIN("train"),
  TEST("test");

  private final String id;

  Split(String id) {
    this.id = id;
  }

  /**
   * The split of a name.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static Split of(String id) {
    for (Split split : values()) {
      if (split.id.equals(id)) {
        return split;
      }
    }
    throw new IllegalArgumentException("split: expected train or test, got '" + id + "'");
  }

  /** The name on the command line and in run files. */
  @Override
  public String toString() {
    return id;
  }
}
