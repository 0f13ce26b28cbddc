package io.sagitta.attack.shadow;

/** Nothing is left to attack, since no target's training ended with finite numbers. */
public final class AllDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message starts with the run folder
   */
  public AllDivergedException(String message) {
    super(message);
  }
}
