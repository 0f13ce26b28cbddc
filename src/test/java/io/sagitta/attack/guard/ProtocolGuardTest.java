package io.sagitta.attack.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.attack.methods.SyntheticScores;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets that were not trained as the shadows were are told from those that were. */
class ProtocolGuardTest {
  private static final int MODELS = 10;
  private static final int TARGET = 9;
  private static final int SAMPLES = 400;
  private static final ScoreSet SCORES = SyntheticScores.make(7, MODELS, SAMPLES);

  private static Map<Integer, Map<String, String>> records() {
    Map<Integer, Map<String, String>> all = new HashMap<>();
    for (int model = 0; model < MODELS; model++) {
      all.put(
          model,
          new HashMap<>(
              Map.of(
                  "architecture", "resnet8", "epochs", "30", "lr", "0.1", "augment", "none",
                  "model_seed", Integer.toString(model))));
    }
    return all;
  }

  private static List<String> check(
      ScoreSet scores, int target, Map<Integer, Map<String, String>> records) {
    return ProtocolGuard.check(scores, new int[] {target}, records);
  }

  @Test
  void modelsTrainedAlikeAreNotReported() {
    for (int target = 0; target < MODELS; target++) {
      assertThat(check(SCORES, target, records())).as("target %d", target).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "architecture, resnet18, 'architecture: resnet18, theirs resnet8'",
    "epochs, 60, 'number of epochs: 60, theirs 30'",
    "lr, 0.01, 'learning rate: 0.01, theirs 0.1'",
    "augment, crop-flip, 'augmentation: crop-flip, theirs none'"
  })
  void aTargetMadeOtherwiseIsReported(String key, String value, String expected) {
    Map<Integer, Map<String, String>> records = records();
    records.get(TARGET).put(key, value);
    assertThat(check(SCORES, TARGET, records))
        .singleElement().asString()
        .startsWith("Target 9 differs from the shadow models in its " + expected);
  }

  /** The published code attacks private targets with shadows that were not. */
  @ParameterizedTest
  @CsvSource({
    "1.0, 8.0, 'privacy: ε = 1.000, theirs ε = 7.840 to ε = 8.000.'",
    "1.0, , 'privacy: ε = 1.000, theirs none.'",
    ", 8.0, 'privacy: none, theirs ε = 7.840 to ε = 8.000.'",
    "7.9, 8.0, ", ", , "
  })
  void privacyOfAnotherEpsilonIsReported(Double own, Double theirs, String expected) {
    Map<Integer, Map<String, String>> records = records();
    for (int model = 0; model < MODELS; model++) {
      Double epsilon = model == TARGET ? own : theirs;
      records.get(model).put("optimizer", "rmsprop");
      if (epsilon != null) {
        double kept = model == 3 ? 0.98 * epsilon : epsilon;
        records.get(model).put("dp_epsilon", Double.toString(kept));
      }
    }
    List<String> warnings = check(SCORES, TARGET, records);
    if (expected == null) {
      assertThat(warnings).isEmpty();
    } else {
      assertThat(warnings).singleElement().asString()
          .startsWith("Target 9 differs from the shadow models in its " + expected);
    }
  }

  @Test
  void whatIsNotRecordedIsNotCompared() {
    Map<Integer, Map<String, String>> records = records();
    records.remove(TARGET);
    assertThat(check(SCORES, TARGET, records)).isEmpty();
    assertThat(check(SCORES, TARGET, Map.of())).isEmpty();
  }

  @Test
  void shadowsThatDifferAmongThemselvesAreReported() {
    Map<Integer, Map<String, String>> records = records();
    records.get(2).put("epochs", "31");
    assertThat(check(SCORES, TARGET, records))
        .containsExactly(
            "The shadow models differ among themselves in their number of epochs: 30, 31.");
  }

  /** The scores of one model changed, the others as they are. */
  private static ScoreSet changed(int model, boolean[] members, DoubleUnaryOperator loss) {
    boolean[][] all = new boolean[MODELS][SAMPLES];
    for (int m = 0; m < MODELS; m++) {
      for (int s = 0; s < SAMPLES; s++) {
        all[m][s] = m == model && members != null ? members[s] : SCORES.member(m, s);
      }
    }
    long[] labels = IntStream.range(0, SAMPLES).mapToLong(SCORES::label).toArray();
    ScoreSet copy = new ScoreSet(all, labels, SCORES.views());
    for (int m = 0; m < MODELS; m++) {
      for (Signal signal : List.of(Signal.LOSS, Signal.PROB_TRUE, Signal.PROB_MAX)) {
        double[] values = new double[2 * SAMPLES];
        for (int view = 0; view < 2; view++) {
          System.arraycopy(SCORES.values(signal, m, view), 0, values, view * SAMPLES, SAMPLES);
        }
        if (m == model && signal == Signal.LOSS) {
          for (int i = 0; i < values.length; i++) {
            values[i] = loss.applyAsDouble(values[i]);
          }
        }
        copy.put(signal, m, values);
      }
    }
    return copy;
  }

  @Test
  void anotherLossIsReported() {
    List<String> warnings =
        check(changed(TARGET, null, loss -> 2 * loss + 0.5), TARGET, records());
    assertThat(warnings)
        .anyMatch(w -> w.contains("mean loss on its own training samples"))
        .anyMatch(w -> w.contains("mean loss on other samples"))
        .noneMatch(w -> w.contains("accuracy"));
  }

  @Test
  void anotherNumberOfSamplesIsReported() {
    boolean[] few = new boolean[SAMPLES];
    Philox philox = new Philox(1);
    for (int s = 0; s < SAMPLES; s++) {
      few[s] = SCORES.member(TARGET, s) && philox.uniform(0, s) < 0.5;
    }
    assertThat(check(changed(TARGET, few, loss -> loss), TARGET, records()))
        .anyMatch(w -> w.contains("number of training samples: ") && w.contains("on average"));
  }

  @Test
  void behaviourIsMeasuredOnEachSideOfMembership() {
    Behaviour behaviour = Behaviour.of(SCORES, 0);
    int members = 0;
    double loss = 0;
    double right = 0;
    for (int s = 0; s < SAMPLES; s++) {
      if (SCORES.member(0, s)) {
        members++;
        loss += SCORES.values(Signal.LOSS, 0, 0)[s];
        right += SCORES.values(Signal.PROB_TRUE, 0, 0)[s] > 0.5 ? 1 : 0;
      }
    }
    assertThat(behaviour.members()).isEqualTo(members);
    assertThat(behaviour.memberLoss().value()).isCloseTo(loss / members, within(1e-12));
    assertThat(behaviour.memberAccuracy().value()).isCloseTo(right / members, within(1e-12));
    assertThat(behaviour.otherLoss().value()).isGreaterThan(behaviour.memberLoss().value());
  }
}
