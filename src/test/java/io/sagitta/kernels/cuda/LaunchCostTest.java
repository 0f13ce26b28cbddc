package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchCostTest {
  private static final double MOST_NANOS = 500;

  @TempDir Path folder;

  @Test
  void aLaunchCostsHalfAMicrosecondAndNoGarbage() throws Exception {
    Path driver = StandIn.build("noop/driver.cpp", "libcuda.so.1", folder);
    Path figures = folder.resolve("launches.json");
    StandIn.java(
        List.of("-D" + CudaDriver.SUBSTITUTE_PROPERTY + "=" + driver), LaunchCost.class,
        figures.toString(), "launches");
    JsonNode launches = new ObjectMapper().readTree(figures.toFile());
    for (int arguments : new int[] {4, 8, 12}) {
      JsonNode launch = launches.get("launch_" + arguments);
      assertThat(launch.get("nanos").asDouble()).as(launches.toString()).isLessThan(MOST_NANOS);
      assertThat(launch.get("bytes").asDouble()).as(launches.toString()).isLessThan(1);
    }
    for (String primitive : List.of("matmul", "batch_norm_apply")) {
      assertThat(launches.get(primitive).get("bytes").asDouble())
          .as(launches.toString())
          .isLessThan(1);
    }
  }
}
