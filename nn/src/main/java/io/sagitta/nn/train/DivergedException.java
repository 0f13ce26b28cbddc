package io.sagitta.nn.train;

/** A training whose loss is no longer a number. */
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
    super(
        "training diverged: expected a finite loss, got " + loss + " in epoch " + (epoch + 1)
            + ", step " + (step + 1) + "; a lower learning rate may help");
    this.epoch = epoch;
    this.step = step;
    this.loss = loss;
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
