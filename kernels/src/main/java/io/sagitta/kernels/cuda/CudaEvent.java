package io.sagitta.kernels.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A mark in a stream that the host can wait for, and measure from. */
final class CudaEvent implements AutoCloseable {
  private final CUevent event = new CUevent();
  private boolean closed;

  private CudaEvent(int flags) {
    Cuda.check(JCudaDriver.cuEventCreate(event, flags), "cuEventCreate", flags);
  }

  /** A mark that knows its time. */
  static CudaEvent timing() {
    return new CudaEvent(CUevent_flags.CU_EVENT_DEFAULT);
  }

  /** A mark only to wait for, which costs less. */
  static CudaEvent waiting() {
    return new CudaEvent(CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  /** Marks the place behind everything asked of the stream so far. */
  void record(CUstream stream) {
    Cuda.check(JCudaDriver.cuEventRecord(event, stream), "cuEventRecord");
  }

  /** Waits until the stream has come to the mark. */
  void await() {
    Cuda.check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
  }

  /** Milliseconds of the device from another mark to this one; both are passed. */
  double millisSince(CudaEvent earlier) {
    float[] millis = new float[1];
    Cuda.check(
        JCudaDriver.cuEventElapsedTime(millis, earlier.event, event), "cuEventElapsedTime");
    return millis[0];
  }

  /** Frees the mark; on a lost device it is gone already, so that the result says nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      JCudaDriver.cuEventDestroy(event);
    }
  }
}
