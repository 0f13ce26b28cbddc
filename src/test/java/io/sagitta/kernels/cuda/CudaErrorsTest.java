package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Scope;
import java.util.List;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong with a device, by the emulated driver's commands. */
class CudaErrorsTest {
  private String products;

  /** Without cuBLAS, which another test may have loaded, for it takes memory that is counted here. */
  @BeforeEach
  void requireDriver() {
    String absent = EmulatedCuda.whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    products = System.getProperty(ProductMakers.PROPERTY);
    System.setProperty(ProductMakers.PROPERTY, "own");
  }

  @AfterEach
  void healthyAgain() {
    if (products == null) {
      System.clearProperty(ProductMakers.PROPERTY);
    } else {
      System.setProperty(ProductMakers.PROPERTY, products);
    }
    if (EmulatedCuda.whyAbsent() == null) {
      EmulatedCuda.healthy();
    }
  }

  @Test
  void withoutDevicesAutoTakesTheHostAndCudaSaysWhyNot() {
    EmulatedCuda.command("devices", 0);
    for (String name : List.of("cuda", "cuda:0", "cuda:all")) {
      assertThatThrownBy(() -> Devices.open(name))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("CUDA_ERROR_NO_DEVICE");
    }
    Devices.Selection auto = Devices.select("auto");
    assertThat(auto.names()).containsExactly("host");
    assertThat(auto.reason()).isNotBlank().doesNotContain("\n");
    assertThat(Devices.list())
        .anySatisfy(
            device -> {
              assertThat(device.name()).isEqualTo("cuda");
              assertThat(device.description()).startsWith("not used: ").contains("NO_DEVICE");
              assertThat(device.precisions()).isEmpty();
            });
  }

  @Test
  void autoTakesTheFirstDeviceThatWorksAndElseSaysInALineWhyNoneDoes() {
    String substitute = System.clearProperty(CudaDriver.SUBSTITUTE_PROPERTY);
    try {
      assumeTrue(KernelImages.architectures() != null, "no images of kernels: built without nvcc");
      EmulatedCuda.command("devices", 2);
      EmulatedCuda.command("fail", "1:700");
      assertThat(Devices.select("auto")).isEqualTo(new Devices.Selection(List.of("cuda:1"), null));
      assertThat(Devices.select("auto")).isEqualTo(new Devices.Selection(List.of("cuda:0"), null));
      EmulatedCuda.command("devices", 1);
      EmulatedCuda.command("memory", 2);
      assertAutoTakesTheHost("cuda:0: 4 bytes asked for; 2 bytes of 2 bytes free on the device");
      EmulatedCuda.command("memory", 64L << 30);
      EmulatedCuda.command("capability", 75);
      assertAutoTakesTheHost("cuda:0: no kernel image for Emulated device with compute capability 7.5");
      EmulatedCuda.command("version", 11040);
      assertAutoTakesTheHost("too old");
    } finally {
      System.setProperty(CudaDriver.SUBSTITUTE_PROPERTY, substitute);
    }
  }

  private static void assertAutoTakesTheHost(String reason) {
    Devices.Selection auto = Devices.select("auto");
    assertThat(auto.names()).containsExactly("host");
    assertThat(auto.reason()).contains(reason).doesNotContain("\n");
  }

  @Test
  void aDeviceWithoutMemoryOrImagesIsListedWithTheReason() {
    EmulatedCuda.command("memory", 2);
    assertListed("cuda:0: 4 bytes asked for; 2 bytes of 2 bytes free");
    EmulatedCuda.command("memory", 64L << 30);
    EmulatedCuda.command("capability", 75);
    assertListed("no kernel image for Emulated device with compute capability 7.5; expected 8.0");
    EmulatedCuda.command("capability", 90);
    EmulatedCuda.command("image", CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU);
    assertListed("CUDA_ERROR_NO_BINARY_FOR_GPU");
  }

  private static void assertListed(String reason) {
    Devices.Device device = Devices.list().get(1);
    assertThat(device.name()).isEqualTo("cuda:0");
    assertThat(device.precisions()).isEmpty();
    assertThat(device.notes()).last().asString().startsWith("not used: ").contains(reason);
  }

  @Test
  void aDriverThatIsTooOldIsNamed() {
    EmulatedCuda.command("version", 11080);
    assertThatThrownBy(() -> Devices.open("cuda"))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining(
            "the driver is too old: it is for CUDA 11.8, expected 12.0 or newer");
  }

  @Test
  void aNumberBeyondTheLastIsAnsweredWithThoseThereAre() {
    assertThatThrownBy(() -> Devices.open("cuda:3"))
        .isInstanceOf(DeviceException.class)
        .hasMessage("cuda:3: no such device; there is cuda:0 alone");
    EmulatedCuda.command("devices", 3);
    assertThatThrownBy(() -> Devices.open("cuda:3")).hasMessageContaining("are cuda:0 to cuda:2");
    assertThat(Devices.select("cuda:all").names()).containsExactly("cuda:0", "cuda:1", "cuda:2");
    assertThat(Devices.select("cuda").names()).containsExactly("cuda:0");
    assertThat(Devices.select("cuda:2,cuda:0").names()).containsExactly("cuda:2", "cuda:0");
    assertThatThrownBy(() -> Devices.open("cuda:all"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one device");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tpu", "", "cuda:", "cuda:x", "cuda:0,", "host,cuda:0", "cuda:0,cuda:0", "cuda:0,cuda:00"
      })
  void namesThatMeanNothingAreRefused(String name) {
    assertThatThrownBy(() -> Devices.select(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("device: expected ")
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void aDeviceDescribesItself() {
    CudaDevice device = CudaDevice.all().get(0);
    assertThat(device.name()).isEqualTo("cuda:0");
    assertThat(device.uuid()).matches("GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(device.description())
        .contains("compute capability 9.0", "64.0 GiB", "132 multiprocessors", "CUDA 12.6");
    try (CudaBackend backend = EmulatedCuda.open()) {
      assertThat(backend.description()).startsWith("cuda:0 " + device.model());
    }
  }

  @Test
  void memoryThatRunsOutIsAccountedForAndTheBackendGoesOn() {
    try (CudaBackend backend = EmulatedCuda.open()) {
      EmulatedCuda.command("memory", 1 << 20);
      Buffer live = backend.allocate(DType.F32, 1 << 17);
      assertThatThrownBy(() -> backend.allocate(DType.F32, 1 << 18))
          .isInstanceOf(OutOfMemoryError.class)
          .hasMessageContainingAll(
              "cuda:0: 1.00 MiB asked for", "of 1.00 MiB free on the device",
              "512.0 KiB in live buffers (largest: 512.0 KiB)", "use a smaller batch");
      try (Scope outer = Scope.open()) {
        outer.add(live);
        try (Scope inner = Scope.open()) {
          inner.add(backend.allocate(DType.F32, 1 << 8));
          assertThatThrownBy(() -> backend.allocate(DType.F32, 1 << 18))
              .hasMessageContaining(
                  " (largest: 512.0 KiB, 1.00 KiB; in open scopes, outermost first: 512.0 KiB,"
                      + " 1.00 KiB)");
        }
      }
      backend.allocate(DType.F32, 1 << 17).release();
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {226, 700, 719})
  void aLostDeviceSaysSoAndAFreshBackendWorks(int code) {
    CudaSession session = new CudaSession(0);
    Kernel fill = session.kernel("elementwise", "fill_f32");
    CudaBuffer y = session.scratch(DType.F32, 4);
    EmulatedCuda.command("fail", "2:" + code);
    fill.with().arg(4L).arg(y).arg(1f).run(1, 32);
    assertThatThrownBy(() -> fill.with().arg(4L).arg(y).arg(1f).run(1, 32))
        .isInstanceOfSatisfying(
            CudaException.class,
            e -> {
              assertThat(e.isDeviceLost()).isTrue();
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.kernel()).isEqualTo("fill_f32");
            })
        .hasMessageContaining(
            "reported late, the latest launch was of kernel fill_f32, grid 1x1x1, block 32x1x1");
    assertThatThrownBy(() -> fill.with())
        .isInstanceOf(CudaException.class)
        .hasMessageStartingWith("cuda:0 was lost to an earlier failure")
        .hasMessageContaining("fill_f32");
    assertThatThrownBy(session::synchronize).hasMessageStartingWith("cuda:0 was lost");
    assertThatThrownBy(() -> session.scratch(DType.F32, 1 << 20))
        .hasMessageStartingWith("cuda:0 was lost");
    y.release();
    session.close();
    session.close();
    try (CudaSession fresh = new CudaSession(0)) {
      CudaBuffer again = fresh.scratch(DType.F32, 1);
      fresh.kernel("elementwise", "fill_f32").with().arg(1L).arg(again).arg(3f).run(1, 32);
      float[] value = new float[1];
      new CudaTransfer(fresh).download(again, 0, value, 0, 1);
      assertThat(value).containsExactly(3);
    }
  }

  @Test
  void aLibrarysFailureIsTheDevicesWhereThatIsLost() {
    try (CudaSession session = new CudaSession(0)) {
      session.attach();
      CudaException own = Cuda.libraryFailure("cublasSgemm", 13, "EXECUTION_FAILED");
      assertThat(own.isDeviceLost()).isFalse();
      assertThat(own.code()).isEqualTo(13);
      Kernel fill = session.kernel("elementwise", "fill_f32");
      EmulatedCuda.command("fail", "1:700");
      assertThatThrownBy(() -> fill.with().arg(0L).arg((CudaBuffer) null).arg(1f).run(1, 32))
          .isInstanceOf(CudaException.class);
      CudaException lost = Cuda.libraryFailure("cublasSgemm", 13, "EXECUTION_FAILED");
      assertThat(lost.isDeviceLost()).isTrue();
      assertThat(lost.code()).isEqualTo(700);
      assertThat(lost).hasMessageContainingAll("cublasSgemm", "EXECUTION_FAILED (13)");
    }
  }

  @Test
  void aClosedBackendRefusesItsBuffersAndItself() {
    CudaBackend backend = EmulatedCuda.open();
    Buffer buffer = backend.allocate(DType.F32, 4);
    backend.close();
    backend.close();
    assertThatThrownBy(() -> backend.download(buffer, 0, new float[4], 0, 4))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after its backend closed");
    assertThatThrownBy(() -> backend.allocate(DType.F32, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after the backend closed");
    assertThatThrownBy(backend::synchronize)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after its backend closed");
    buffer.release();
    assertThat(backend.liveBytes()).isZero();
  }
}
