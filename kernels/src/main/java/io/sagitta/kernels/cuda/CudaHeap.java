package io.sagitta.kernels.cuda;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The driver's memory, from which the arena takes its chunks. */
final class CudaHeap implements CudaMemory.Source {
  private final CudaSession session;

  CudaHeap(CudaSession session) {
    this.session = session;
  }

  @Override
  public Address take(long bytes) {
    session.attach();
    Address address = new Address();
    int result = JCudaDriver.cuMemAlloc(address, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      return null;
    }
    Cuda.check(result, "cuMemAlloc", bytes);
    return address;
  }

  /** The driver waits for kernels that use the memory; a lost device has none left to free. */
  @Override
  public void give(Address address) {
    session.enter();
    int result = JCudaDriver.cuMemFree(address);
    if (!session.isLost()) {
      Cuda.check(result, "cuMemFree");
    }
  }

  @Override
  public void settle() {
    session.synchronize();
  }

  @Override
  public String state() {
    long[] free = new long[1];
    long[] total = new long[1];
    Cuda.check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    return Sizes.text(free[0]) + " of " + Sizes.text(total[0]) + " free on the device";
  }
}
