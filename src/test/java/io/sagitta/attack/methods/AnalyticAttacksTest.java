package io.sagitta.attack.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every attack on a population whose distributions are known: its AUROC is what theory says, within
 * three standard errors (Hanley, McNeil 1982).
 */
class AnalyticAttacksTest {
  private static final int SHADOWS = 128;
  private static final int SAMPLES = 4000;
  private static final int CLASSES = 8;

  /** How far membership moves each signal's normal law, in its standard deviations. */
  private static final double MOVED = 1.2;

  private static final double CURVATURE_MOVED = 0.9;

  /** The spread of samples' means in the same unit. */
  private static final double HARDNESS = 1.5;

  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);
  private static AttackResults results;

  @BeforeAll
  static void attack() {
    ScoreSet scores = population();
    results =
        AttackRun.evaluate(
            scores, new int[] {SHADOWS},
            AttackSettings.of(EnumSet.of(Mode.CORRECTED)).withBootstrap(new Bootstrap(0, 2)));
  }

  private static ScoreSet population() {
    Philox philox = new Philox(77);
    boolean[][] members = new boolean[SHADOWS + 1][SAMPLES];
    long[] labels = IntStream.range(0, SAMPLES).mapToLong(s -> s % CLASSES).toArray();
    for (int m = 0; m <= SHADOWS; m++) {
      for (int s = 0; s < SAMPLES; s++) {
        members[m][s] = philox.uniform(m / 2, s) > 0.5 == (m % 2 == 0);
      }
    }
    ScoreSet scores = new ScoreSet(members, labels, List.of(ScoreSet.IDENTITY));
    for (Signal signal : Signal.values()) {
      for (int m = 0; m <= SHADOWS; m++) {
        double[] values = new double[SAMPLES];
        for (int s = 0; s < SAMPLES; s++) {
          double noise = philox.normal((signal.ordinal() + 1) * 1000L + m, s);
          double hardness = HARDNESS * philox.normal(100_000 + signal.ordinal(), s);
          values[s] = value(signal, members[m][s] ? 1 : 0, noise, hardness, labels[s]);
        }
        scores.put(signal, m, values);
      }
    }
    return scores;
  }

  private static double value(
      Signal signal, int member, double noise, double hardness, long label) {
    return switch (signal) {
      case LOGIT -> hardness + MOVED * member + noise;
      case LOSS -> hardness - MOVED * member + noise;
      case CURV_ZO, CURV_EXACT, CURV_TRACE ->
          Math.exp(hardness - CURVATURE_MOVED * member + noise);
      case PROB_TRUE, PROB_MAX -> Math.exp(0.2 * (MOVED * member + noise) - 3);
      case MENTR -> 3 * label - MOVED * member + noise;
    };
  }

  @ParameterizedTest
  @CsvSource({
    "lira, 1.2", "lira-offline, 1.2", "bavaria, 1.2", "sablayrolles, 1.2", "watson, 1.2",
    "song, 1.2", "rmia, 1.2", "rmia-offline, 1.2", "curv-zo-lr, 0.9", "curv-zo-nll, 0.9",
    "curv-exact-lr, 0.9", "curv-exact-nll, 0.9", "curv-trace-lr, 0.9", "curv-trace-nll, 0.9"
  })
  void whatSeesTheMoveAloneHasTheAurocOfTwoNormals(String attack, double moved) {
    check(attack, phi(moved / Math.sqrt(2)));
  }

  @Test
  void yeomCannotTellHardnessFromMembership() {
    check("yeom", phi(MOVED / Math.sqrt(2 * (1 + HARDNESS * HARDNESS))));
  }

  /** With U and V the sum and difference of both deviations, P(UV > 0). */
  @Test
  void theTwoSidedAttackTakesFarForMember() {
    double p = phi(MOVED / Math.sqrt(2));
    check("lira-offline-two-sided", p * p + (1 - p) * (1 - p));
  }

  @Test
  void theJointAttackAddsTheEvidenceOfIndependentSignals() {
    check("joint", phi(Math.hypot(MOVED, CURVATURE_MOVED) / Math.sqrt(2)));
  }

  /** The least of n out-losses, whose law is known, is the threshold. */
  @Test
  void yeComparesWithTheLeastOutLoss() {
    int n = SHADOWS / 2;
    int grid = 400;
    double[] at = new double[grid];
    double[] mass = new double[grid];
    for (int i = 0; i < grid; i++) {
      at[i] = -6 + 8.0 * i / (grid - 1);
      mass[i] = n * NORMAL.density(at[i]) * Math.pow(1 - phi(at[i]), n - 1) * 8 / (grid - 1);
    }
    double auroc = 0;
    for (int i = 0; i < grid; i++) {
      for (int j = 0; j < grid; j++) {
        auroc += mass[i] * mass[j] * phi((MOVED + at[i] - at[j]) / Math.sqrt(2));
      }
    }
    check("ye", auroc);
  }

  @Test
  void everyAttackIsAmongThese() {
    assertThat(results.results()).hasSize(Attacks.ALL.size());
  }

  /** Homes of the normal law: leave-one-out residuals of normal features are standard normal. */
  @Test
  void residualsOfNormalFeaturesAreStandardNormal() {
    assertThat(results.residuals()).extracting(Residuals::signal)
        .containsExactly(Signal.CURV_ZO, Signal.CURV_EXACT, Signal.CURV_TRACE, Signal.LOGIT);
    for (Residuals residuals : results.residuals()) {
      for (double[] side : List.of(residuals.in(), residuals.out())) {
        double[] sorted = side.clone();
        Arrays.sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.length; i++) {
          distance = Math.max(distance, Math.abs(phi(sorted[i]) - (i + 0.5) / sorted.length));
        }
        assertThat(sorted.length).isGreaterThan(40_000);
        assertThat(distance).as(residuals.signal().name()).isLessThan(0.008);
      }
    }
  }

  private static double phi(double x) {
    return NORMAL.cumulativeProbability(x);
  }

  private static void check(String attack, double auroc) {
    AttackResult result =
        results.results().stream()
            .filter(r -> r.attack().id().equals(attack))
            .findFirst()
            .orElseThrow();
    double n = result.roc().members();
    double m = result.roc().nonmembers();
    double square = auroc * auroc;
    double variance =
        (auroc * (1 - auroc)
                + (n - 1) * (auroc / (2 - auroc) - square)
                + (m - 1) * (2 * square / (1 + auroc) - square))
            / (n * m);
    assertThat(result.figures().auroc())
        .as(attack)
        .isCloseTo(auroc, within(3 * Math.sqrt(variance)));
  }
}
