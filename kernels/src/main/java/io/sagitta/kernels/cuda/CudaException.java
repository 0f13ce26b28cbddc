package io.sagitta.kernels.cuda;

/** A call of the CUDA driver or one of its libraries that failed. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int code;

  /**
   * @param call the function and what it was asked, such as {@code cuMemAlloc(1024 bytes)}
   * @param code the result it returned
   * @param meaning the name and description of that result
   */
  public CudaException(String call, int code, String meaning) {
    super(call + " failed: " + meaning + " (" + code + ")");
    this.code = code;
  }

  /** The result that the driver returned, a {@code CUresult}. */
  public int code() {
    return code;
  }
}
