package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DeviceException;
import java.util.Set;

/** A call of the CUDA driver or one of its libraries that failed. */
public final class CudaException extends DeviceException {
  private static final long serialVersionUID = 1;

  /**
   * Results after which every further call on the context fails: uncorrectable memory or link
   * errors, contained or not, a context that is gone, all that a kernel can do wrong while it runs,
   * and a service between processes that ended.
   */
  private static final Set<Integer> LOST =
      Set.of(214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 810);

  private final String call;
  private final int code;
  private final String meaning;
  private final String kernel;
  private final String grid;
  private final String block;

  /**
   * @param call the function and what it was asked, such as {@code cuMemAlloc(1024)}
   * @param code the result it returned
   * @param meaning the name and description of that result
   */
  public CudaException(String call, int code, String meaning) {
    this(call, code, meaning, null, null, null);
  }

  /** The same of a launch, with the kernel and its launch's extents such as {@code 132x1x1}. */
  CudaException(
      String call, int code, String meaning, String kernel, String grid, String block) {
    super(message(call, code, meaning, kernel, grid, block), LOST.contains(code), null);
    this.call = call;
    this.code = code;
    this.meaning = meaning;
    this.kernel = kernel;
    this.grid = grid;
    this.block = block;
  }

  /** What every use of a device says after the failure that lost it. */
  CudaException(String device, CudaException earlier) {
    super(
        device + " was lost to an earlier failure; this backend can only be closed. It was: "
            + earlier.getMessage(),
        true, earlier);
    this.call = earlier.call;
    this.code = earlier.code;
    this.meaning = earlier.meaning;
    this.kernel = earlier.kernel;
    this.grid = earlier.grid;
    this.block = earlier.block;
  }

  private static String message(
      String call, int code, String meaning, String kernel, String grid, String block) {
    String what = call + " failed: " + meaning + " (" + code + ")";
    if (kernel == null) {
      return what;
    }
    // A launch too may be the first to hear of what an earlier kernel did.
    boolean own = call.startsWith("cuLaunchKernel") && !isLost(code);
    return what + (own ? "; kernel " : "; reported late, the latest launch was of kernel ")
        + kernel + ", grid " + grid + ", block " + block;
  }

  /** Whether this result means that the device is lost to the process's context. */
  static boolean isLost(int code) {
    return LOST.contains(code);
  }

  /** The function that failed and what it was asked. */
  public String call() {
    return call;
  }

  /** The result that the driver returned, a {@code CUresult}. */
  public int code() {
    return code;
  }

  /** The name and description of the result. */
  public String meaning() {
    return meaning;
  }

  /** The kernel launched, or launched last where the error may be a kernel's; else null. */
  public String kernel() {
    return kernel;
  }

  /** The blocks of that launch, or null. */
  public String grid() {
    return grid;
  }

  /** The threads of a block of that launch, or null. */
  public String block() {
    return block;
  }
}
