package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.sagitta.kernels.Philox;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

class ConfidenceTest {
  private static final double TINY_PERCENT = 1e-10;

  @Test
  void modifiedEntropyIsItsFormula() {
    Philox philox = new Philox(3);
    int classes = 7;
    for (int row = 0; row < 50; row++) {
      double[] logits = new double[2 * classes];
      for (int k = 0; k < classes; k++) {
        logits[classes + k] = 6 * philox.uniform(row, k) - 3;
      }
      int label = row % classes;
      assertThat(Confidence.modifiedEntropy(logits, 1, classes, label))
          .isCloseTo(formula(logits, classes, label), withinPercentage(TINY_PERCENT));
    }
  }

  private static double formula(double[] logits, int classes, int label) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += Math.exp(logits[classes + k]);
    }
    double entropy = 0;
    for (int k = 0; k < classes; k++) {
      double p = Math.exp(logits[classes + k]) / sum;
      entropy -= k == label ? (1 - p) * Math.log(p) : p * Math.log(1 - p);
    }
    return entropy;
  }

  /** With certainty e^-60 away from one, where p is 1 in float64. */
  @Test
  void surePredictionsKeepTheirDigits() {
    double[] logits = {60, 0, -1};
    double others = 1 + Math.exp(-1);
    double q = others * Math.exp(-60);
    // −(1−p₀) log p₀ ≈ q², and each wrong class k adds p_k², with what is left of order q³.
    double right = q * q + Math.exp(-120) + Math.exp(-122);
    assertThat(Confidence.modifiedEntropy(logits, 0, 3, 0))
        .isCloseTo(right, withinPercentage(TINY_PERCENT));
    // Wrong and sure: −log p₁ ≈ 60 and −log(1 − p₀) = 60 − log(others).
    double wrong = 60 + 60 - Math.log(others);
    assertThat(Confidence.modifiedEntropy(logits, 0, 3, 1))
        .isCloseTo(wrong, withinPercentage(TINY_PERCENT));
  }

  @Test
  void theGreatestProbabilityKeepsItsComplement() {
    assertThat(Confidence.greatest(new double[] {1, 3, 2}, 0, 3))
        .isCloseTo(
            1 / (1 + Math.exp(-1) + Math.exp(-2)), offset(1e-15));
    BigDecimal one = BigDecimal.ONE;
    BigDecimal expected = one.divide(one.add(new BigDecimal(Math.exp(-30))), MathContext.DECIMAL64);
    assertThat(Confidence.greatest(new double[] {30, 0}, 0, 2))
        .isCloseTo(expected.doubleValue(), offset(1e-15));
  }
}
