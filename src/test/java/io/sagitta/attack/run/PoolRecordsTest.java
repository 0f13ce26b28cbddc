package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose pool is chosen, not the first records. */
class PoolRecordsTest {
  private static final int[] RECORDS = {7, 3, 11, 0};

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void write() {
    data = TinyCifar.write(folder.resolve("data"), 4);
  }

  private Run open(String name, int samples, int... records) {
    RunConfig config = TinyCifar.config().trainSamples(samples).build();
    return Run.open(
        folder.resolve(name), recorded -> config, data, records, () -> "a device", false);
  }

  @Test
  void thePoolIsTheRecordsInTheirOrderWheneverItIsOpened() {
    byte[] third;
    try (Run run = open("run", 4, RECORDS)) {
      ImageDataset all = RunInputs.pool(TinyCifar.config().trainSamples(0).build(), data, null);
      assertThat(run.pool().size()).isEqualTo(4);
      assertThat(run.pool().pixels(2)).isEqualTo(all.pixels(11));
      assertThat(run.membership().members(0).length + run.membership().members(1).length)
          .isEqualTo(4);
      third = run.pool().pixels(2);
    }
    try (Run run = Run.existing(folder.resolve("run"), null)) {
      assertThat(run.pool().pixels(2)).isEqualTo(third);
    }
    try (Run run =
        Run.open(folder.resolve("run"), recorded -> recorded, null, () -> "a device", false)) {
      assertThat(run.pool().pixels(2)).isEqualTo(third);
    }
  }

  @Test
  void otherRecordsAreAnotherRun() {
    open("run", 4, RECORDS).close();
    assertThatThrownBy(() -> open("run", 4, 7, 3, 11, 1))
        .isInstanceOf(RunConflictException.class)
        .hasMessageContaining("made from other data");
  }

  @Test
  void aFileThatWasChangedIsFoundOut() {
    open("run", 4, RECORDS).close();
    Path file = folder.resolve("run/pool.safetensors");
    Safetensors.write(
        file,
        List.of(Safetensors.Entry.ofLongs("records", new long[] {4}, new long[] {7, 3, 1, 0})),
        Map.of());
    try (Run run = Run.existing(folder.resolve("run"), null)) {
      assertThatThrownBy(run::pool)
          .isInstanceOf(RunConflictException.class)
          .hasMessageContaining("made from other data");
    }
  }

  @Test
  void recordsThatAreNotThereAreRefused() {
    assertThatThrownBy(() -> open("run", 4, 7, 3, 11, 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pool: expected 4 different records in 0..19")
        .hasMessageContaining("some out of range");
    assertThatThrownBy(() -> open("run", 4, 7, 3, 7, 0)).hasMessageContaining("some twice");
    assertThatThrownBy(() -> open("run", 3, RECORDS)).hasMessageContaining("got 4");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void selectedModelsKeepTheirScores() {
    boolean[][] members = {{true, false}, {false, true}, {true, true}};
    ScoreSet scores = new ScoreSet(members, new long[] {4, 5}, List.of("identity"));
    scores.put(Signal.LOSS, 0, new double[] {1, 2});
    scores.put(Signal.LOSS, 2, new float[] {3, 4});
    ScoreSet selected = scores.select(new int[] {2, 1});
    assertThat(selected.models()).isEqualTo(2);
    assertThat(selected.values(Signal.LOSS, 0, 0)).containsExactly(3, 4);
    assertThat(selected.has(Signal.LOSS, 1)).isFalse();
    assertThat(selected.member(1, 1)).isTrue();
    assertThat(selected.label(1)).isEqualTo(5);
    assertThatThrownBy(() -> scores.select(new int[] {3})).hasMessageContaining("0..2, got 3");
  }
}
