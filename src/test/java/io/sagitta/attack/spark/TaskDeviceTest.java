package io.sagitta.attack.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.DeviceException;
import org.junit.jupiter.api.Test;

class TaskDeviceTest {
  @Test
  void aTaskTakesTheGpuThatSparkAssigns() {
    assertThat(TaskDevice.of("auto", new String[] {"2"})).isEqualTo("cuda:2");
    assertThat(TaskDevice.of("cuda", new String[] {"0"})).isEqualTo("cuda:0");
    assertThat(TaskDevice.of("auto", new String[0])).isEqualTo("host");
    assertThat(TaskDevice.of("host", new String[] {"2"})).isEqualTo("host");
  }

  @Test
  void withoutOneGpuByNumberThereIsNone() {
    for (String[] gpus : new String[][] {{}, {"0", "1"}, {"GPU-3f9c"}}) {
      assertThatThrownBy(() -> TaskDevice.of("cuda", gpus))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("expected one GPU a task, by its number")
          .hasMessageContaining(gpus.length == 0 ? "got none" : "got " + gpus[0]);
    }
  }
}
