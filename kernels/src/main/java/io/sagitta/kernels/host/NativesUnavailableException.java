package io.sagitta.kernels.host;

/** A native library does not work here; the message says why, for a user to act on. */
final class NativesUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  NativesUnavailableException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
