package io.sagitta.kernels;

/** A device that cannot be used: it is not there, does not suit, failed or was lost. */
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean lost;

  /** A device that cannot be used, with the reason in words for users. */
  public DeviceException(String message) {
    this(message, false, null);
  }

  /**
   * @param lost whether everything on the device is gone, while a new backend may still work
   * @param cause what is behind it, or null
   */
  public DeviceException(String message, boolean lost, Throwable cause) {
    super(message, cause);
    this.lost = lost;
  }

  /**
   * Whether the backend is of no further use, its memory included: it can only be closed. The same
   * work may succeed on a fresh backend.
   */
  public final boolean isDeviceLost() {
    return lost;
  }
}
