package io.sagitta.attack.methods;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The joint attack beside its parts, with the few shadows that make both noisy. */
class JointTest {
  private static final int SHADOWS = 16;
  private static final int TARGETS = 10;
  private static final int SAMPLES = 3000;

  /** Both signals moved by membership, with noise that both share, wider outside, and outliers. */
  private static ScoreSet scores(double logitMoved, double curvatureMoved) {
    Philox philox = new Philox(3);
    int models = SHADOWS + TARGETS;
    boolean[][] members = new boolean[models][SAMPLES];
    for (int m = 0; m < models; m++) {
      for (int s = 0; s < SAMPLES; s++) {
        members[m][s] = philox.uniform(m / 2, s) > 0.5 == (m % 2 == 0);
      }
    }
    ScoreSet scores = new ScoreSet(members, new long[SAMPLES], List.of(ScoreSet.IDENTITY));
    for (int m = 0; m < models; m++) {
      double[] logit = new double[SAMPLES];
      double[] curvature = new double[SAMPLES];
      for (int s = 0; s < SAMPLES; s++) {
        double seen = members[m][s] ? 1 : 0;
        double shared = philox.normal(1000 + m, s) * (2 - seen);
        double wild = philox.uniform(4000 + m, s) < 0.03 ? 4 : 1;
        logit[s] = 3 * philox.normal(90_000, s) + logitMoved * seen + shared
            + wild * philox.normal(2000 + m, s);
        curvature[s] = Math.exp(
            philox.normal(90_001, s) - curvatureMoved * seen - 0.5 * shared
                + philox.normal(3000 + m, s));
      }
      scores.put(Signal.LOGIT, m, logit);
      scores.put(Signal.CURV_ZO, m, curvature);
    }
    return scores;
  }

  /** AUROCs {@code [targets]} of lira, curv-zo-lr and joint. */
  private static double[][] aurocs(double logitMoved, double curvatureMoved) {
    AttackResults results =
        AttackRun.evaluate(
            scores(logitMoved, curvatureMoved),
            IntStream.range(SHADOWS, SHADOWS + TARGETS).toArray(),
            AttackSettings.of(EnumSet.of(Mode.CORRECTED))
                .withAttacks(
                    Stream.of("lira", "curv-zo-lr", "joint").map(Attacks::byId).toList())
                .withBootstrap(new Bootstrap(0, 2)));
    return results.summaries().stream()
        .map(
            summary ->
                results.results().stream()
                    .filter(r -> r.attack() == summary.attack())
                    .mapToDouble(r -> r.figures().auroc())
                    .toArray())
        .toArray(double[][]::new);
  }

  @Test
  void whereCurvatureAddsSomethingItBeatsBothPartsOnEveryTarget() {
    double[][] auroc = aurocs(3, 1.5);
    for (int t = 0; t < TARGETS; t++) {
      assertThat(auroc[2][t]).isGreaterThan(Math.max(auroc[0][t], auroc[1][t]));
    }
    assertThat(mean(auroc[2])).isGreaterThan(mean(auroc[0]) + 0.01);
  }

  @Test
  void whereOnePartSaysNothingItIsNoWorseThanTheOther() {
    double[][] logitOnly = aurocs(3, 0);
    assertThat(mean(logitOnly[2])).isGreaterThanOrEqualTo(mean(logitOnly[0]));
    double[][] curvatureOnly = aurocs(0, 2);
    assertThat(mean(curvatureOnly[2])).isGreaterThanOrEqualTo(mean(curvatureOnly[1]));
  }

  @Test
  void oneShadowMoreThanNoneIsEnough() {
    ScoreSet scores = SyntheticScores.make(6, 3, 300);
    AttackResults results =
        AttackRun.evaluate(
            scores, new int[] {2},
            AttackSettings.of(EnumSet.of(Mode.CORRECTED))
                .withAttacks(List.of(Attacks.byId("joint")))
                .withBootstrap(new Bootstrap(0, 2)));
    assertThat(results.results().get(0).unscored()).isZero();
    assertThat(results.results().get(0).figures().auroc()).isGreaterThan(0.6);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
