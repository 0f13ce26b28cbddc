package io.sagitta.kernels.cuda;

import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Copies between Java arrays and device memory. */
final class CudaTransfer {
  private final CudaSession session;

  CudaTransfer(CudaSession session) {
    this.session = session;
  }

  void upload(float[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    upload(Pointer.to(source), sourceOffset, target, targetOffset, count);
  }

  void upload(int[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    upload(Pointer.to(source), sourceOffset, target, targetOffset, count);
  }

  void upload(double[] source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    float[] rounded = new float[count];
    for (int i = 0; i < count; i++) {
      rounded[i] = (float) source[sourceOffset + i];
    }
    upload(rounded, 0, target, targetOffset, count);
  }

  void download(CudaBuffer source, long sourceOffset, float[] target, int targetOffset, int count) {
    download(source, sourceOffset, Pointer.to(target), targetOffset, count);
  }

  void download(CudaBuffer source, long sourceOffset, int[] target, int targetOffset, int count) {
    download(source, sourceOffset, Pointer.to(target), targetOffset, count);
  }

  void download(
      CudaBuffer source, long sourceOffset, double[] target, int targetOffset, int count) {
    float[] values = new float[count];
    download(source, sourceOffset, values, 0, count);
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = values[i];
    }
  }

  private void upload(
      Pointer source, int sourceOffset, CudaBuffer target, long targetOffset, int count) {
    session.synchronize();
    long bytes = 4L * count;
    Cuda.check(
        JCudaDriver.cuMemcpyHtoD(
            target.address().plus(4 * targetOffset), source.withByteOffset(4L * sourceOffset),
            bytes),
        "cuMemcpyHtoD", bytes);
  }

  private void download(
      CudaBuffer source, long sourceOffset, Pointer target, int targetOffset, int count) {
    session.synchronize();
    long bytes = 4L * count;
    Cuda.check(
        JCudaDriver.cuMemcpyDtoH(
            target.withByteOffset(4L * targetOffset), source.address().plus(4 * sourceOffset),
            bytes),
        "cuMemcpyDtoH", bytes);
  }
}
