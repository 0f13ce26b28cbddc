package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.DeviceException;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the emulated driver refuses, as a real one would, and the failures it has on command. */
class EmulatedDriverTest {
  @BeforeAll
  static void needsTheEmulatedDriver() {
    assumeTrue(EmulatedCuda.whyAbsent() == null, EmulatedCuda::whyAbsent);
  }

  @AfterEach
  void restore() {
    EmulatedCuda.healthy();
  }

  @Test
  void aMachineWithoutDevicesIsRefused() {
    EmulatedCuda.command("devices", 0);
    assertThatThrownBy(EmulatedCuda::open)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("no CUDA-capable device is detected");
  }

  @Test
  void anOldDriverIsRefused() {
    EmulatedCuda.command("version", 11080);
    assertThatThrownBy(EmulatedCuda::open)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("11.8");
  }

  @Test
  void memoryEnds() {
    EmulatedCuda.command("memory", 1 << 20);
    try (CudaBackend backend = EmulatedCuda.open()) {
      assertThatThrownBy(() -> backend.allocate(DType.F32, 1 << 20))
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessageContaining("1.00 MiB of 1.00 MiB free");
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void aLostDeviceStaysLostUntilItIsLetGo() {
    float[] value = new float[1];
    try (CudaBackend backend = EmulatedCuda.open()) {
      Buffer y = backend.allocate(DType.F32, 1);
      backend.fill(y, 1);
      EmulatedCuda.command("fail", "2:" + CUresult.CUDA_ERROR_LAUNCH_FAILED);
      backend.fill(y, 2);
      assertThatThrownBy(
              () -> {
                backend.fill(y, 3);
                backend.synchronize();
              })
          .isInstanceOf(CudaException.class)
          .hasMessageContaining("kernel fill_f32: failed by command");
      assertThatThrownBy(() -> backend.download(y, 0, value, 0, 1))
          .isInstanceOf(CudaException.class);
    }
    try (CudaBackend backend = EmulatedCuda.open()) {
      Buffer y = backend.allocate(DType.F32, 1);
      backend.fill(y, 4);
      backend.download(y, 0, value, 0, 1);
      assertThat(value).containsExactly(4);
      y.release();
    }
  }

  @Test
  void everyNthLaunchFailsUntilAsManyHaveAsWereAskedFor() {
    EmulatedCuda.command("fail", "2:" + CUresult.CUDA_ERROR_LAUNCH_FAILED + ":2");
    for (int backend = 0; backend < 3; backend++) {
      try (CudaSession session = new CudaSession(0)) {
        Kernel fill = session.kernel("elementwise", "fill_f32");
        assertThat(launch(fill, 1, 32, 0)).isEqualTo(CUresult.CUDA_SUCCESS);
        assertThat(launch(fill, 1, 32, 0))
            .isEqualTo(backend < 2 ? CUresult.CUDA_ERROR_LAUNCH_FAILED : CUresult.CUDA_SUCCESS);
      }
    }
  }

  @Test
  void aKernelThatIsNotThereIsNotFound() {
    try (CudaSession session = new CudaSession(0)) {
      assertThatThrownBy(() -> session.kernel("elementwise", "no_such_kernel"))
          .hasMessageContaining("no_such_kernel")
          .hasMessageContaining("CUDA_ERROR_NOT_FOUND");
    }
  }

  @Test
  void aLaunchBeyondTheDevicesLimitsIsRefused() {
    try (CudaSession session = new CudaSession(0)) {
      Kernel fill = session.kernel("elementwise", "fill_f32");
      assertThat(launch(fill, 1, 1024, 48 << 10)).isEqualTo(CUresult.CUDA_SUCCESS);
      assertThat(launch(fill, 1, 1025, 0)).isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
      assertThat(launch(fill, 65536, 32, 0)).isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
    }
  }

  @Test
  void sharedMemoryMustBeAllowed() {
    try (CudaSession session = new CudaSession(0)) {
      CUfunction fill = session.kernel("elementwise", "fill_f32").function();
      int most = CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
      int bytes = (48 << 10) + 1;
      assertThat(JCudaDriver.cuFuncSetAttribute(fill, most, 0)).isZero();
      assertThat(
              JCudaDriver.cuLaunchKernel(
                  fill, 1, 1, 1, 32, 1, 1, bytes, session.stream(), null, null))
          .isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
      assertThat(JCudaDriver.cuFuncSetAttribute(fill, most, (227 << 10) + 1))
          .isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
      assertThat(JCudaDriver.cuFuncSetAttribute(fill, most, bytes)).isZero();
      assertThat(launch(session.kernel("elementwise", "fill_f32"), 1, 32, bytes)).isZero();
    }
  }

  @Test
  void anUnknownCommandIsRefused() {
    assertThatThrownBy(() -> EmulatedCuda.command("order", "sideways"))
        .isInstanceOf(CudaException.class);
    assertThat(JCudaDriver.cuModuleLoad(new CUmodule(), "no/such/library.so"))
        .isEqualTo(CUresult.CUDA_ERROR_FILE_NOT_FOUND);
  }

  /** Launches {@code fill_f32} over no elements. */
  private static int launch(Kernel fill, int gridY, int threads, int sharedBytes) {
    try {
      fill.with().arg(0L).arg(0L).arg(0f).run(1, gridY, 1, threads, sharedBytes);
      return CUresult.CUDA_SUCCESS;
    } catch (CudaException e) {
      return e.code();
    }
  }
}
