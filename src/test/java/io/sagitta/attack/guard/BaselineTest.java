package io.sagitta.attack.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.kernels.Philox;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Synthetic;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What images and labels tell of membership is found, and nothing else. */
class BaselineTest {
  private static final int SAMPLES = 400;
  private static final ImageDataset IMAGES = Synthetic.generate(3, SAMPLES, 10, 16);
  private static final Bootstrap BOOTSTRAP = new Bootstrap(0, 100);

  /** Memberships by chance, each sample with a probability of its own. */
  private static List<Baseline> baselines(int targets, IntToDoubleFunction probability) {
    Philox philox = new Philox(11);
    boolean[][] members = new boolean[targets][SAMPLES];
    for (int m = 0; m < targets; m++) {
      for (int s = 0; s < SAMPLES; s++) {
        members[m][s] = philox.uniform(m, s) < probability.applyAsDouble(s);
      }
    }
    long[] labels = Arrays.stream(IMAGES.labels()).asLongStream().toArray();
    ScoreSet scores = new ScoreSet(members, labels, List.of(ScoreSet.IDENTITY));
    int[] all = new int[targets];
    Arrays.setAll(all, i -> i);
    return Baseline.of(IMAGES, scores, all, BOOTSTRAP, () -> {});
  }

  private static double brightness(int sample) {
    double sum = 0;
    for (byte pixel : IMAGES.pixels(sample)) {
      sum += pixel & 0xFF;
    }
    return sum / IMAGES.imageElements();
  }

  private static double median(IntToDoubleFunction of) {
    double[] values = new double[SAMPLES];
    Arrays.setAll(values, of::applyAsDouble);
    Arrays.sort(values);
    return values[SAMPLES / 2];
  }

  @Test
  void randomHalvesAreNotFlagged() {
    List<Baseline> baselines = baselines(40, s -> 0.5);
    double mean = baselines.stream().mapToDouble(b -> b.figures().auroc()).average().orElse(0);
    assertThat(mean).as("no bias either way").isBetween(0.48, 0.52);
    assertThat(baselines.stream().filter(Baseline::isFlagged).count())
        .as("flagged of 40, where one is expected").isLessThanOrEqualTo(3);
    long covered =
        baselines.stream()
            .filter(b -> b.interval().low().auroc() <= 0.5 && b.interval().high().auroc() >= 0.5)
            .count();
    assertThat(covered).as("intervals of 40 that hold the truth").isGreaterThanOrEqualTo(35);
  }

  @Test
  void brighterMembersAreFlagged() {
    double middle = median(BaselineTest::brightness);
    List<Baseline> baselines = baselines(3, s -> brightness(s) > middle ? 0.7 : 0.3);
    assertThat(baselines).allMatch(Baseline::isFlagged);
    assertThat(baselines).allMatch(b -> b.figures().auroc() > 0.6);
    assertThat(Baseline.warnings(baselines))
        .hasSize(3)
        .first().asString()
        .contains("target 0", "images and labels alone", "no leak");
  }

  @Test
  void otherClassesAreFlagged() {
    assertThat(baselines(3, s -> IMAGES.label(s) < 5 ? 0.7 : 0.3)).allMatch(Baseline::isFlagged);
  }

  @Test
  void theSameAskedTwiceIsTheSame() {
    assertThat(baselines(1, s -> 0.5).get(0).figures())
        .isEqualTo(baselines(1, s -> 0.5).get(0).figures());
  }

  @Test
  void otherImagesAreRefused() {
    ScoreSet scores =
        new ScoreSet(new boolean[1][SAMPLES + 1], new long[SAMPLES + 1], List.of("identity"));
    assertThatThrownBy(() -> Baseline.of(IMAGES, scores, new int[] {0}, BOOTSTRAP, () -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected the 401 images that were scored, got 400");
  }
}
