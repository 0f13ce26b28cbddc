package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.TinyCifar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShadowRateTest {
  private static final long SECOND = 1_000_000_000;

  @TempDir Path folder;

  @Test
  void everyWayHasItsTurnInEveryRound() throws IOException {
    Path out = folder.resolve("rate.json");
    ShadowRate.main(
        new String[] {
          "--arch", "resnet8", "--width", "4", "--dataset", "cifar10",
          "--data", TinyCifar.write(folder, 8).toString(), "--images", "20", "--batch", "4",
          "--at-once", "2,1", "--models", "3", "--epochs", "2", "--full-epochs", "10",
          "--rounds", "2", "--out", out.toString()
        });
    JsonNode result = new ObjectMapper().readTree(out.toFile());
    assertThat(result.get("backend").asText()).contains("CPU");
    JsonNode turns = result.get("turns");
    assertThat(turns).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode turn = turns.get(i);
      assertThat(turn.get("round").asInt()).isEqualTo(i / 2);
      assertThat(turn.get("at_once").asInt()).isEqualTo(2 - i % 2);
      double rate = turn.get("steady_images_per_s").asDouble();
      assertThat(rate).isPositive();
      assertThat(turn.get("full_models_per_hour").asDouble())
          .isCloseTo(3600 * rate / (20 * 10), within(1e-6 * rate));
      double steps = turn.get("images_per_s").asDouble() * turn.get("seconds").asDouble() / 4;
      assertThat(steps).as("of 3 models, 2 epochs and about 5 steps").isBetween(18.0, 42.0);
    }
  }

  @Test
  void whatIsNotMeasuredIsRefused() {
    assertThatThrownBy(() -> new ShadowMeter(3, 2, () -> 0).steadyRate())
        .hasMessageContaining("expected 2 workers at work at once");
  }

  /** One worker: the second model's begin counts, what is after the last one's end does not. */
  @Test
  void theSteadyRateEndsWhereAWorkerHasNoMore() {
    AtomicLong now = new AtomicLong();
    ShadowMeter meter = new ShadowMeter(2, 1, now::get);
    for (int model = 0; model < 2; model++) {
      meter.model(model);
      for (int step = 0; step < 3; step++) {
        now.addAndGet(SECOND);
        meter.update(0, Map.of());
      }
      now.addAndGet(2 * SECOND);
      meter.end("trained", Map.of());
    }
    now.addAndGet(100 * SECOND);
    assertThat(meter.steps()).isEqualTo(6);
    assertThat(meter.steadyRate()).as("5 steps from second 1 to 10").isEqualTo(5.0 / 9);
  }

  /** The second worker begins three seconds later and goes on when the first has no more. */
  @Test
  void theSteadyRateIsThatOfAllWorkers() throws InterruptedException {
    AtomicLong now = new AtomicLong();
    ShadowMeter meter = new ShadowMeter(2, 2, now::get);
    meter.model(0);
    now.addAndGet(3 * SECOND);
    meter.update(0, Map.of());
    Thread other = new Thread(() -> {
      meter.model(1);
      meter.update(0, Map.of());
      now.addAndGet(SECOND);
      meter.update(0.5, Map.of());
    });
    other.start();
    other.join();
    now.addAndGet(SECOND);
    meter.update(1, Map.of());
    meter.end("trained", Map.of());
    now.addAndGet(50 * SECOND);
    Thread last = new Thread(() -> meter.update(1, Map.of()));
    last.start();
    last.join();
    assertThat(meter.steadyRate()).isEqualTo(2 / 2.0);
  }
}
