package io.sagitta.attack.work;

/** Work on a cluster failed; what is done is kept. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message names the machine where that is known
   */
  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
