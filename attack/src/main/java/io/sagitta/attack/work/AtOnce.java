package io.sagitta.attack.work;

/**
 * How many models are trained on a device at the same time.
 *
 * @param models how many; 0 for as many as are measured to be fastest
 */
public record AtOnce(int models) {
  /** As many as are measured to be fastest. */
  public static final AtOnce AUTO = new AtOnce(0);

  /** What users may write, for help and errors. */
  public static final String EXPECTED = "auto or a number from 1 to 1024";

  private static final int MOST = 1024;

  /** Checks. */
  public AtOnce {
    if (models < 0 || models > MOST) {
      throw new IllegalArgumentException("at-once: expected " + EXPECTED + ", got " + models);
    }
  }

  /**
   * What a user's word stands for.
   *
   * @throws IllegalArgumentException if it is neither auto nor a number that is possible
   */
  public static AtOnce of(String word) {
    if (word.equals("auto")) {
      return AUTO;
    }
    if (!word.matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(
          "at-once: expected " + EXPECTED + ", got '" + word + "'");
    }
    return new AtOnce(Integer.parseInt(word));
  }

  /** Whether it is to be found out. */
  public boolean isMeasured() {
    return models == 0;
  }
}
