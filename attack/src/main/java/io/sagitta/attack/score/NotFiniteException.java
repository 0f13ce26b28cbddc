package io.sagitta.attack.score;

/** A model gives no finite number for a sample, or an estimator makes none of what it gives. */
public final class NotFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the sample
   */
  public NotFiniteException(String message) {
    super(message);
  }
}
