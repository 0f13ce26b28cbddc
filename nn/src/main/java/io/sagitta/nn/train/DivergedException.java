package io.sagitta.nn.train;

/** A training whose loss or weights are no longer numbers. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int epoch;
  private final int step;
  private final double loss;

  /**
   * Names where it happened.
   *
   * @param epoch counts from 0
   * @param step of the epoch, counts from 0
   */
  public DivergedException(int epoch, int step, double loss) {
    this(epoch, step, loss, "loss, got " + loss);
  }

  private DivergedException(int epoch, int step, double loss, String wanted) {
    super(
        "training diverged: expected a finite " + wanted + " in epoch " + (epoch + 1) + ", step "
            + (step + 1) + "; a lower learning rate may help");
    this.epoch = epoch;
    this.step = step;
    this.loss = loss;
  }

  /**
   * After a step whose own loss, taken before, was finite.
   *
   * @param weight the name of what is not
   */
  static DivergedException ofWeights(int epoch, int step, String weight) {
    return new DivergedException(
        epoch, step, Double.NaN, weight + ", got NaN or infinite numbers");
  }

  /** The epoch, counted from 0. */
  public int epoch() {
    return epoch;
  }

  /** The step in the epoch, counted from 0. */
  public int step() {
    return step;
  }

  /** The loss: NaN or infinite. */
  public double loss() {
    return loss;
  }
}
