package io.sagitta.kernels.cuda;

import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** What all uses of cuDNN share. */
final class Cudnn {
  private Cudnn() {}

  /**
   * Throws unless the call succeeded. cuDNN 9 numbers its failures in thousands by their kind,
   * which JCuda's names, those of cuDNN 8, do not know.
   */
  static void check(int status, String call) {
    if (status != 0) {
      String kind =
          switch (status / 1000) {
            case 1 -> "CUDNN_STATUS_NOT_INITIALIZED or a missing or wrong part of the library";
            case 2 -> "CUDNN_STATUS_BAD_PARAM";
            case 3 -> "CUDNN_STATUS_NOT_SUPPORTED";
            case 4 -> "CUDNN_STATUS_INTERNAL_ERROR";
            case 5 -> "CUDNN_STATUS_EXECUTION_FAILED";
            default -> "unknown to this version";
          };
      throw Cuda.libraryFailure(call, status, kind);
    }
  }

  /** Whether a call failed because there is nothing for these arguments. */
  static boolean isUnsupported(int status) {
    return status / 1000 == 3;
  }

  /** Describes NHWC images of 32-bit floats. */
  static void setImages(
      cudnnTensorDescriptor images, int batch, int channels, int height, int width) {
    check(
        JCudnn.cudnnSetTensor4dDescriptor(
            images, cudnnTensorFormat.CUDNN_TENSOR_NHWC, cudnnDataType.CUDNN_DATA_FLOAT, batch,
            channels, height, width),
        "cudnnSetTensor4dDescriptor");
  }
}
