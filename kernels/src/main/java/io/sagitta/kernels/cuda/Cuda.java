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

  private static CudaException failure(int result, String call, Object... arguments) {
    String[] name = new String[1];
    String[] text = new String[1];
    JCudaDriver.cuGetErrorName(result, name);
    JCudaDriver.cuGetErrorString(result, text);
    StringBuilder said = new StringBuilder(call).append('(');
    for (int i = 0; i < arguments.length; i++) {
      said.append(i == 0 ? "" : ", ").append(arguments[i]);
    }
    return new CudaException(said.append(')').toString(), result, name[0] + ", " + text[0]);
  }
}
