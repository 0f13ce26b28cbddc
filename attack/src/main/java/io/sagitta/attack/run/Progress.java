package io.sagitta.attack.run;

import java.util.Map;

/**
 * Hears how far a step of a run is. A step works on one model after another, in the order {@code
 * begin (model (update)* end)* finish}. With several models at once there is a thread for each:
 * between {@code begin} and {@code finish} calls come from these, one call at a time, and those of a
 * thread are in that order.
 */
public interface Progress {
  /** Hears nothing. */
  Progress NONE = new Progress() {};

  /**
   * A step begins.
   *
   * @param step its name, such as {@code shadows}
   * @param pending how many models it has to work on
   * @param done how many it finds done already
   */
  default void begin(String step, int pending, int done) {}

  /**
   * Something is found out about the step, between two models.
   *
   * @param message a sentence for people
   * @param figures the same for programs
   */
  default void note(String message, Map<String, Object> figures) {}

  /** Called where work goes on and nothing is to be shown; may throw to stop like the others. */
  default void check() {}

  /** Work on a model begins, or begins again after its device was lost. */
  default void model(int model) {}

  /**
   * Work on the current model goes on. Called often: once a batch.
   *
   * @param fraction how much of this model's work is done, 0 to 1
   * @param figures what to show, in order, such as epoch, loss and accuracy
   */
  default void update(double fraction, Map<String, Object> figures) {}

  /**
   * Work on the current model ends.
   *
   * @param outcome a short word or sentence, such as {@code trained}
   * @param figures what to show, in order
   */
  default void end(String outcome, Map<String, Object> figures) {}

  /** The step ends, also when it was stopped or failed. */
  default void finish() {}
}
