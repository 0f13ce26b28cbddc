package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CudaDriverTest {
  @Test
  void theDriverIsFoundInTheLoadersCache() {
    String cache =
        "glibc-ld.so.cache1.1\1\2\0libcuda.so.1\0/usr/lib64/libcuda.so.1\0libcuda.so\0"
            + "/usr/lib64/libcuda.so\0libcudadebugger.so.1\0/opt/x/libcudadebugger.so.1\0"
            + "libcuda.so.1\0/opt/driver 2/libcuda.so.1\0libz.so\0/usr/lib64/libz.so\0";
    assertThat(CudaDriver.listed(cache))
        .containsExactly(
            Path.of("/usr/lib64/libcuda.so.1"), Path.of("/opt/driver 2/libcuda.so.1"));
    assertThat(CudaDriver.listed("libz.so\0/usr/lib64/libz.so\0")).isEmpty();
  }

  @Test
  void versionsReadAsPeopleWriteThem() {
    assertThat(CudaDriver.text(12060)).isEqualTo("12.6");
    assertThat(CudaDriver.text(13000)).isEqualTo("13.0");
    assertThat(CudaDriver.text(11080)).isEqualTo("11.8");
  }

  @Test
  void bytesReadAsPeopleWriteThem() {
    assertThat(Sizes.text(0)).isEqualTo("0 bytes");
    assertThat(Sizes.text(1023)).isEqualTo("1023 bytes");
    assertThat(Sizes.text(3L << 29)).isEqualTo("1.50 GiB");
    assertThat(Sizes.text(150_754_820_096L)).isEqualTo("140.4 GiB");
    assertThat(Sizes.text(1L << 46)).isEqualTo("64.0 TiB");
  }
}
