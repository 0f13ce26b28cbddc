package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Loss, probability and logit of the true class keep their digits. */
class MarginTest {
  @Test
  void agreesWithTheirDefinitions() {
    Random random = new Random(1);
    double[] logits = random.doubles(4 * 5, -4, 4).toArray();
    for (int row = 0; row < 4; row++) {
      int label = row;
      double sum = 0;
      for (int k = 0; k < 5; k++) {
        sum += Math.exp(logits[row * 5 + k]);
      }
      double p = Math.exp(logits[row * 5 + label]) / sum;
      double margin = Margin.of(logits, row, 5, label);
      assertThat(margin).isCloseTo(Math.log(p / (1 - p)), within(1e-13));
      assertThat(Margin.loss(margin)).isCloseTo(-Math.log(p), within(1e-13));
      assertThat(Margin.probability(margin)).isCloseTo(p, within(1e-13));
    }
  }

  /** −log(1/(1 + 2e^−40)) = 2e^−40 to all digits, where logsumexp − f_y would give 0. */
  @Test
  void tinyLossesAreNotLost() {
    double margin = Margin.of(new double[] {0, 40, 0}, 0, 3, 1);
    assertThat(Margin.loss(margin)).isCloseTo(2 * Math.exp(-40), within(1e-30));
    assertThat(margin).isCloseTo(40 - Math.log(2), within(1e-13));
  }

  @Test
  void hugeLogitsNeitherOverflowNorCancel() {
    double[] logits = {1e4, -1e4, 1e4 - 1};
    assertThat(Margin.loss(Margin.of(logits, 0, 3, 1))).isCloseTo(2e4 + 0.3132616875, within(1e-9));
    assertThat(Margin.probability(Margin.of(logits, 0, 3, 0)))
        .isCloseTo(0.7310585786300049, within(1e-12));
    assertThat(Margin.probability(0)).isEqualTo(0.5);
  }

  @Test
  void numbersThatAreNoneShow() {
    assertThat(Margin.loss(Margin.of(new double[] {Double.NaN, 0, 1}, 0, 3, 1))).isNaN();
  }
}
