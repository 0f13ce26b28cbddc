package io.sagitta.kernels.cuda;

/** A kernel that is loaded when it is first launched. */
final class LazyKernel {
  private final CudaSession session;
  private final String file;
  private final String name;
  private volatile Kernel kernel;

  /** The kernel {@code name} of {@code file}.cu. */
  LazyKernel(CudaSession session, String file, String name) {
    this.session = session;
    this.file = file;
    this.name = name;
  }

  /** Begins a launch; its arguments follow in the kernel's order. */
  Launch with() {
    Kernel loaded = kernel;
    if (loaded == null) {
      loaded = session.kernel(file, name);
      kernel = loaded;
    }
    return loaded.with();
  }
}
