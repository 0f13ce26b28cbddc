package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesAtOnceTest {
  private static final long GIB = 1L << 30;
  private static final long CIFAR = 32 * 32 * 3;

  @Test
  void moreMemoryTakesMoreSamplesUpToWhatFillsTheDevice() {
    assertThat(CudaBackend.samplesAtOnce(8 * GIB, 64, CIFAR)).isEqualTo(128);
    assertThat(CudaBackend.samplesAtOnce(80 * GIB, 64, CIFAR)).isEqualTo(1024);
    assertThat(CudaBackend.samplesAtOnce(140 * GIB, 64, CIFAR)).isEqualTo(2048);
    assertThat(CudaBackend.samplesAtOnce(1000 * GIB, 64, CIFAR)).isEqualTo(2048);
  }

  @Test
  void largerSamplesAreFewer() {
    assertThat(CudaBackend.samplesAtOnce(140 * GIB, 16, 49 * CIFAR)).isEqualTo(32);
  }

  @Test
  void whatKeepsAProcessorBusyIsTheLeast() {
    assertThat(CudaBackend.samplesAtOnce(GIB, 64, CIFAR)).isEqualTo(64);
    assertThat(CudaBackend.samplesAtOnce(GIB, 64, 0)).isEqualTo(2048);
  }
}
