package io.sagitta.attack.target;

/**
 * A target that cannot be reached, does not fit the data, or answers otherwise than it said; or a
 * query budget that is spent. What was answered before is kept.
 */
public final class TargetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the target, what was expected and what was found; no secret
   */
  public TargetException(String message) {
    super(message);
  }
}
