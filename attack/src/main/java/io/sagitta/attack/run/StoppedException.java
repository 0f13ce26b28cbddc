package io.sagitta.attack.run;

/** Work ended early because the user asked for it; what was done is saved and can be continued. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is saved, and how to go on
   */
  public StoppedException(String message) {
    super(message);
  }
}
