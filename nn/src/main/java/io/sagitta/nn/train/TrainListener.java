package io.sagitta.nn.train;

/**
 * Hears how training goes. An exception thrown from here stops it; the checkpoint then holds all
 * that was done. Epochs and steps count from 0.
 */
public interface TrainListener {
  /** Hears nothing. */
  TrainListener NONE = new TrainListener() {};

  /**
   * After each step.
   *
   * @param loss the mean over the batch, before the step
   * @param accuracySoFar the share of the epoch's images up to here that were classified right
   */
  default void onStep(int epoch, int step, int stepsPerEpoch, double loss, double accuracySoFar) {}

  /**
   * After each epoch, and its checkpoint where that was worth its time.
   *
   * @param loss the mean over the epoch's images, each before its step
   * @param accuracy the share of them that were classified right
   * @param seconds what the epoch took
   */
  default void onEpoch(int epoch, int epochs, double loss, double accuracy, double seconds) {}
}
