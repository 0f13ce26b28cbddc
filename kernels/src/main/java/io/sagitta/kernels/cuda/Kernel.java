package io.sagitta.kernels.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A kernel that is loaded and can be launched. */
final class Kernel {
  private final CudaSession session;
  private final CUfunction function;
  private final String name;

  Kernel(CudaSession session, CUfunction function, String name) {
    this.session = session;
    this.function = function;
    this.name = name;
  }

  String name() {
    return name;
  }

  CUfunction function() {
    return function;
  }

  /** The same kernel, whose launches may ask for so many bytes of shared memory. */
  Kernel withShared(int bytes) {
    Cuda.check(
        JCudaDriver.cuFuncSetAttribute(
            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
        "cuFuncSetAttribute", name, "shared " + bytes + " bytes");
    return this;
  }

  /** Begins a launch; its arguments follow in the kernel's order. */
  Launch with() {
    return session.launch().begin(this);
  }
}
