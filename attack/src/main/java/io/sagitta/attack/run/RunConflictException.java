package io.sagitta.attack.run;

/**
 * A run folder that cannot be worked on as asked: it was made with another configuration, holds
 * files of another run, is no run folder, or is in use. Nothing in it was changed.
 */
public final class RunConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message starts with the folder or file
   */
  public RunConflictException(String message) {
    super(message);
  }
}
