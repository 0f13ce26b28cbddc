package io.sagitta.kernels.cuda;

import jcuda.driver.CUfunction;

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

  /** Begins a launch; its arguments follow in the kernel's order. */
  Launch with() {
    return session.launch().begin(this);
  }
}
