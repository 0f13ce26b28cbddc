package io.sagitta.kernels.cuda;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Checks what the driver answers. */
final class Cuda {
  private Cuda() {}

  /**
   * Throws unless the call succeeded.
   *
   * @param arguments what the call was asked; read on failure only
   */
  static void check(int result, String call, Object... arguments) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call, arguments);
    }
  }

  static void check(int result, String call, long argument) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call, argument);
    }
  }

  static void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call);
    }
  }

  /**
   * The failure in words. One that loses the device is noted in the session that the thread is
   * attached to, whose every later use then says so.
   */
  private static CudaException failure(int result, String call, Object... arguments) {
    StringBuilder said = new StringBuilder(call).append('(');
    for (int i = 0; i < arguments.length; i++) {
      said.append(i == 0 ? "" : ", ").append(arguments[i]);
    }
    said.append(')');
    Attachment here = Attachment.ofThread();
    boolean kernelsFault = call.equals("cuLaunchKernel") || CudaException.isLost(result);
    Launch launch = kernelsFault ? here.launch() : null;
    CudaException failure =
        launch == null || !launch.hasRun()
            ? new CudaException(said.toString(), result, meaning(result))
            : new CudaException(
                said.toString(), result, meaning(result), launch.kernelName(), launch.grid(),
                launch.block());
    if (failure.isDeviceLost() && here.session() != null) {
      here.session().lost(failure);
    }
    return failure;
  }

  /**
   * The failure of a library's call on the device of the thread's session: that of the device where
   * a lost one is behind it, which libraries do not tell.
   *
   * @param status the library's own
   */
  static CudaException libraryFailure(String call, int status, String meaning) {
    CudaSession here = Attachment.ofThread().session();
    int result = here == null ? 0 : JCudaDriver.cuStreamQuery(here.stream());
    return CudaException.isLost(result)
        ? failure(result, call, meaning + " (" + status + ")")
        : new CudaException(call, status, meaning);
  }

  /** The name of a result and what it stands for. */
  static String meaning(int result) {
    String[] name = new String[1];
    String[] text = new String[1];
    JCudaDriver.cuGetErrorName(result, name);
    JCudaDriver.cuGetErrorString(result, text);
    return name[0] + ", " + text[0];
  }
}
