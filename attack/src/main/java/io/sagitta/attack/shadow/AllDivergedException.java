package io.sagitta.attack.shadow;

/** Nothing is left to attack: no target's training or scoring ended with finite numbers. */
public final class AllDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message starts with the run folder, and says why of each target
   */
  public AllDivergedException(String message) {
    super(message);
  }
}
