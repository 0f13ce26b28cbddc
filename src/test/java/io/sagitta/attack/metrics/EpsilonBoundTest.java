package io.sagitta.attack.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.kernels.Philox;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Lower bounds on epsilon: that they hold as often as they say, and say something. */
class EpsilonBoundTest {
  private static final int AUDITS = 1000;
  private static final int SAMPLES = 600;

  /** Three standard errors above five in a hundred. */
  private static final double MOST_FAILURES = 0.05 * AUDITS + 3 * Math.sqrt(0.0475 * AUDITS);

  @Test
  void boundsEqualSciPys() throws IOException {
    try (InputStream in =
        EpsilonBoundTest.class.getResourceAsStream("/goldens/attacks/metrics.json")) {
      for (JsonNode golden : new ObjectMapper().readTree(in)) {
        Roc roc = Roc.of(doubles(golden.get("in")), doubles(golden.get("out")));
        assertThat(EpsilonBound.of(roc, 0, 0.95).epsilon())
            .isCloseTo(golden.get("epsilon").asDouble(), within(1e-9));
        assertThat(EpsilonBound.of(roc, 0.05, 0.9).epsilon())
            .isCloseTo(golden.get("epsilon_delta").asDouble(), within(1e-9));
      }
    }
  }

  private static double[] doubles(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  /** Laplace noise of scale 1/ε on a bit is ε-DP, and its tails attain ε. */
  @Test
  void theBoundHoldsOverAuditsOfTheLaplaceMechanism() {
    double epsilon = 1.5;
    check(
        epsilon,
        audit -> {
          Philox philox = new Philox(audit);
          return Roc.of(laplace(philox, 0, 1, epsilon), laplace(philox, 1, 0, epsilon));
        },
        0.5);
  }

  /** Randomised response: one threshold, at which both rates attain ε. */
  @Test
  void theBoundHoldsOverAuditsOfRandomisedResponse() {
    double epsilon = 1;
    double honest = Math.exp(epsilon) / (1 + Math.exp(epsilon));
    check(
        epsilon,
        audit -> {
          Philox philox = new Philox(10_000 + audit);
          double[] in = answers(philox, 0, honest);
          double[] out = answers(philox, 1, 1 - honest);
          return Roc.of(in, out);
        },
        0.3);
  }

  private static void check(double epsilon, IntFunction<Roc> audit, double share) {
    double[] bounds =
        IntStream.range(0, AUDITS)
            .parallel()
            .mapToDouble(i -> EpsilonBound.of(audit.apply(i), 0, 0.95).epsilon())
            .toArray();
    assertThat(Arrays.stream(bounds).filter(bound -> bound > epsilon).count())
        .isLessThanOrEqualTo((long) MOST_FAILURES);
    assertThat(Arrays.stream(bounds).average().orElseThrow()).isGreaterThan(share * epsilon);
  }

  private static double[] laplace(Philox philox, int stream, double mean, double epsilon) {
    return IntStream.range(0, SAMPLES)
        .mapToDouble(
            i -> {
              double u = philox.uniform(stream, i) - 0.5;
              return mean - Math.signum(u) * Math.log(1 - 2 * Math.abs(u)) / epsilon;
            })
        .toArray();
  }

  private static double[] answers(Philox philox, int stream, double yes) {
    return IntStream.range(0, SAMPLES)
        .mapToDouble(i -> philox.uniform(stream, i) < yes ? 1 : 0)
        .toArray();
  }

  @Test
  void theBestOfManyThresholdsWithoutCorrectionWouldNotHold() {
    // Without correction the largest plain ratio of rates exceeds the truth in most audits.
    double epsilon = 1.5;
    long failures =
        IntStream.range(0, 100)
            .filter(
                audit -> {
                  Philox philox = new Philox(audit);
                  Roc roc = Roc.of(laplace(philox, 0, 1, epsilon), laplace(philox, 1, 0, epsilon));
                  return IntStream.range(1, roc.points())
                      .anyMatch(
                          p ->
                              roc.falsePositives(p) > 0
                                  && Math.log(roc.tpr(p) / roc.fpr(p)) > epsilon);
                })
            .count();
    assertThat(failures).isGreaterThan(50);
  }

  @Test
  void separableScoresShowAsMuchAsTheirNumberAllows() {
    double[] in = IntStream.range(0, 1024).mapToDouble(i -> 10 + i).toArray();
    double[] out = IntStream.range(0, 1024).mapToDouble(i -> -i).toArray();
    EpsilonBound bound = EpsilonBound.of(Roc.of(in, out), 0, 0.95);
    double level = 0.05 / 2 / 22;
    double right = Math.pow(level, 1.0 / 1024);
    assertThat(bound.epsilon()).isCloseTo(Math.log(right / (1 - right)), within(1e-9));
    assertThat(bound.rightAtLeast()).isCloseTo(right, within(1e-12));
    assertThat(bound.wrongAtMost()).isCloseTo(1 - right, within(1e-12));
    assertThat(EpsilonBound.of(Roc.of(out, in), 0, 0.95).epsilon()).isZero();
    assertThat(EpsilonBound.of(Roc.of(in, out), 0.5, 0.95).epsilon())
        .isCloseTo(Math.log((right - 0.5) / (1 - right)), within(1e-9));
  }

  @Test
  void rejectionsCountWhereAccusationsSayNothing() {
    // Half of the non-members lie below every member; above, both are mixed.
    double[] in = IntStream.range(0, 1000).mapToDouble(i -> i % 7).toArray();
    double[] out = IntStream.range(0, 1000).mapToDouble(i -> i % 2 == 0 ? -1 : i % 7).toArray();
    EpsilonBound bound = EpsilonBound.of(Roc.of(in, out), 0, 0.95);
    assertThat(bound.accusing()).isFalse();
    assertThat(bound.epsilon()).isGreaterThan(3);
    assertThat(bound.threshold()).isZero();
  }

  @Test
  void impossibleLevelsAreRefused() {
    Roc roc = Roc.of(new double[] {1}, new double[] {0});
    assertThat(EpsilonBound.of(roc, 0, 0.95).epsilon()).isZero();
    assertThatThrownBy(() -> EpsilonBound.of(roc, 1, 0.95)).hasMessageContaining("delta in [0, 1)");
    assertThatThrownBy(() -> EpsilonBound.of(roc, 0, 1)).hasMessageContaining("got 0.0 and 1.0");
  }
}
