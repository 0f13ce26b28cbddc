package io.sagitta.nn.optim;

import java.util.Arrays;

/** What the learning rate is multiplied by in each epoch. */
public enum Schedule {
  /** 1 throughout. */
  CONSTANT("constant") {
    @Override
    public double factor(int epoch, int epochs) {
      return 1;
    }
  },
  /** 1, from 60 % of the epochs on 0.1, from 80 % on 0.01. */
  MULTI_STEP("multi-step") {
    @Override
    public double factor(int epoch, int epochs) {
      long tenths = 10L * epoch;
      return tenths >= 8L * epochs ? 0.01 : tenths >= 6L * epochs ? 0.1 : 1;
    }
  },
  /** (1 + cos(π·epoch/epochs))/2 (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts). */
  COSINE("cosine") {
    @Override
    public double factor(int epoch, int epochs) {
      // StrictMath: the same rate, so the same weights, on every machine.
      return (1 + StrictMath.cos(StrictMath.PI * epoch / epochs)) / 2;
    }
  };

  private final String id;

  Schedule(String id) {
    this.id = id;
  }

  /**
   * The schedule of a name.
   *
   * @throws IllegalArgumentException listing the names
   */
  public static Schedule of(String id) {
    for (Schedule schedule : values()) {
      if (schedule.id.equals(id)) {
        return schedule;
      }
    }
    throw new IllegalArgumentException(
        "schedule: expected one of " + Arrays.toString(values()) + ", got '" + id + "'");
  }

  /**
   * The factor for a whole epoch.
   *
   * @param epoch counts from 0
   * @param epochs how many there will be
   */
  public abstract double factor(int epoch, int epochs);

  /** The name on the command line and in run files. */
  @Override
  public String toString() {
    return id;
  }
}
