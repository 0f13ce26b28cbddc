package io.sagitta.kernels.cuda;

import jcuda.driver.JCudaDriver;

/** Brings the driver library and JCuda's binding to it into the process. */
final class CudaDriver {
  private CudaDriver() {}

  /**
   * Loads the driver. The system property {@code sagitta.cuda.driver} names a library to use in
   * place of the system's {@code libcuda.so.1}: the loader takes a library whose name is already in
   * the process.
   */
  static void load() {
    String driver = System.getProperty("sagitta.cuda.driver");
    if (driver != null) {
      System.load(driver);
    }
    JCudaDriver.setExceptionsEnabled(false);
  }
}
