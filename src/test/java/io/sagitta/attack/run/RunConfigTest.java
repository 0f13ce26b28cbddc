package io.sagitta.attack.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.optim.Schedule;
import io.sagitta.nn.privacy.Privacy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RunConfigTest {
  private static final RunConfig BASE = RunConfig.builder(Datasets.Kind.CIFAR100).build();

  private static final List<RunConfig> CHANGED =
      List.of(
          BASE.toBuilder().dataset(Datasets.Kind.CIFAR10).build(),
          BASE.toBuilder().trainSamples(3000).build(),
          BASE.toBuilder().pictures(new FolderOptions(256, 224, false)).build(),
          BASE.toBuilder().architecture("resnet20").build(),
          BASE.toBuilder().width(17).build(),
          BASE.toBuilder().shadows(17).build(),
          BASE.toBuilder().targets(2).build(),
          BASE.toBuilder().epochs(31).build(),
          BASE.toBuilder().batch(32).build(),
          BASE.toBuilder().learningRate(0.2).build(),
          BASE.toBuilder().momentum(0.8).build(),
          BASE.toBuilder().weightDecay(5e-4).build(),
          BASE.toBuilder().schedule(Schedule.COSINE).build(),
          BASE.toBuilder().augment(Augment.Mode.CROP_FLIP).build(),
          BASE.toBuilder().precision(Precision.BF16).build(),
          BASE.toBuilder().optimizer(OptimizerKind.RMSPROP).build(),
          BASE.toBuilder().privacy(Privacy.ofEpsilon(3)).build(),
          BASE.toBuilder().views(1).build(),
          BASE.toBuilder().n(11).build(),
          BASE.toBuilder().h(1e-2).build(),
          BASE.toBuilder().scorePrecision(ScorePrecision.PLAIN_FP32).build(),
          BASE.toBuilder().seed(1).build());

  @Test
  void theDefaultsAreThoseOfTheCommandLine() {
    assertThat(BASE.toMap().toString())
        .isEqualTo(
            "{dataset=cifar100, train_samples=0, pictures=as they are, architecture=resnet8,"
                + " width=0, shadows=16, targets=1, epochs=30, batch=64, learning_rate=0.1,"
                + " momentum=0.9,"
                + " weight_decay=1.0E-4, schedule=multi-step, augment=none, precision=fp32,"
                + " optimizer=sgd, privacy=none, views=2, n=10, h=0.001, score_precision=auto,"
                + " seed=0}");
    assertThat(BASE.models()).isEqualTo(17);
    assertThat(BASE.targetModels()).containsExactly(16);
  }

  @Test
  void everyValueEntersHashAndDifferences() {
    assertThat(CHANGED)
        .as("one for each value but estimators and samples scored, which may change in a run")
        .hasSize(RunConfig.class.getRecordComponents().length - 2);
    Set<String> hashes = new HashSet<>(Set.of(BASE.hash("data")));
    for (RunConfig changed : CHANGED) {
      assertThat(hashes.add(changed.hash("data"))).as("a hash of its own: %s", changed).isTrue();
      assertThat(BASE.differences(changed)).as("%s", changed).hasSize(1);
    }
    assertThat(hashes.add(BASE.hash("other data"))).isTrue();
    assertThat(BASE.differences(BASE.toBuilder().build())).isEmpty();
    assertThat(BASE.differences(BASE.toBuilder().epochs(31).build()))
        .containsExactly("epochs: 30 in the folder, 31 asked");
  }

  @Test
  void everyPartOfAPrivacyEntersTheHash() {
    Privacy some = Privacy.ofEpsilon(3);
    List<Privacy> others =
        List.of(
            some, Privacy.ofEpsilon(4), Privacy.ofNoise(3), some.clippingAt(2),
            some.inVirtualBatchesOf(8), new Privacy(3, 0, 1e-6, 1, 0));
    assertThat(others.stream().map(p -> BASE.toBuilder().privacy(p).build().hash("data")))
        .doesNotHaveDuplicates()
        .doesNotContain(BASE.hash("data"));
    assertThat(BASE.differences(BASE.toBuilder().privacy(some).build()))
        .containsExactly(
            "privacy: none in the folder, epsilon 3.0, delta 1.0E-5, clip 1.0 asked");
  }

  /** Of a run that was begun before there was a choice of optimisers, or privacy. */
  @Test
  void theHashOfAnOlderRunStands() {
    assertThat(BASE.hash("data"))
        .isEqualTo("a2a5bcc3af63f10bede39be3cb2a0dd650bc0b9887502f13fb7bc8d1f06b68d8");
  }

  @Test
  void whatIsScoredIsNoPartOfARunsIdentity() {
    List<RunConfig> others =
        List.of(
            BASE.toBuilder().estimators(List.of(Estimator.ZO, Estimator.EXACT)).build(),
            BASE.toBuilder().scoreSamples(300).build());
    for (RunConfig other : others) {
      assertThat(other.hash("data")).isEqualTo(BASE.hash("data"));
      assertThat(BASE.differences(other)).isEmpty();
      assertThat(other).isNotEqualTo(BASE);
    }
  }

  @Test
  void valuesOutOfRangeAreNamed() {
    refused("shadows: expected at least 2, got 1", () -> BASE.toBuilder().shadows(1).build());
    refused("targets: expected at least 1, got 0", () -> BASE.toBuilder().targets(0).build());
    refused("epochs: expected at least 1, got 0", () -> BASE.toBuilder().epochs(0).build());
    refused("batch: expected at least 2, got 1", () -> BASE.toBuilder().batch(1).build());
    refused(
        "lr: expected above 0, got NaN", () -> BASE.toBuilder().learningRate(Double.NaN).build());
    refused("views: expected 1 or 2, got 3", () -> BASE.toBuilder().views(3).build());
    refused("h: expected above 0, got 0.0", () -> BASE.toBuilder().h(0).build());
    refused("n: expected at least 1, got 0", () -> BASE.toBuilder().n(0).build());
    refused(
        "estimators: expected distinct names, at least one, got [zo, zo]",
        () -> BASE.toBuilder().estimators(List.of(Estimator.ZO, Estimator.ZO)).build());
  }

  private static void refused(String message, Supplier<RunConfig> config) {
    assertThatThrownBy(config::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
