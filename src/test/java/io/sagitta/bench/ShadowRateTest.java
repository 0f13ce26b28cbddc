package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

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
      double rate = turn.get("images_per_s").asDouble();
      assertThat(rate).isPositive();
      int workers = 2 - i % 2;
      double model = 20 * 10 * workers / rate + turn.get("seconds_between_models").asDouble();
      assertThat(turn.get("full_models_per_hour").asDouble())
          .isCloseTo(3600 * workers / model, withinPercentage(1e-6));
    }
  }

  @Test
  void whatIsNotMeasuredIsRefused() {
    ShadowMeter meter = new ShadowMeter(() -> 1);
    meter.update(0, Map.of());
    meter.update(1, Map.of());
    assertThatThrownBy(() -> meter.rate(2)).hasMessageContaining("expected 2 workers");
    assertThatThrownBy(meter::change).hasMessageContaining("expected a worker with two models");
  }

  /** Steps take a second, a change of models three; what is before and after does not count. */
  @Test
  void stepsAndChangesAreTimedApart() {
    AtomicLong now = new AtomicLong(100 * SECOND);
    ShadowMeter meter = new ShadowMeter(now::get);
    train(meter, now, 4);
    now.addAndGet(2 * SECOND);
    train(meter, now, 3);
    now.addAndGet(50 * SECOND);
    assertThat(meter.rate(1)).as("5 steps in 5 seconds").isEqualTo(1);
    assertThat(meter.change()).isEqualTo(3);
  }

  @Test
  void theRateIsThatOfAllWorkers() throws InterruptedException {
    AtomicLong now = new AtomicLong(SECOND);
    ShadowMeter meter = new ShadowMeter(now::get);
    train(meter, now, 3);
    Thread other = new Thread(() -> train(meter, now, 5));
    other.start();
    other.join();
    assertThat(meter.rate(2)).isEqualTo(2);
  }

  private static void train(ShadowMeter meter, AtomicLong now, int steps) {
    for (int step = 0; step < steps; step++) {
      now.addAndGet(SECOND);
      meter.update(0, Map.of());
    }
    meter.end("trained", Map.of());
  }
}
