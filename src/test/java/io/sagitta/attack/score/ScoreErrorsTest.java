package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScoreErrorsTest {
  @Test
  void errorsAreThoseOfTheirDefinition() {
    ScoreErrors errors =
        ScoreErrors.of(new double[] {1.1, 2, 2.7, 5}, new double[] {1, 2, 3, 4});
    assertThat(errors.median()).isCloseTo(0.1, within(1e-12));
    assertThat(errors.norm()).isCloseTo(Math.sqrt(1.1 / 30), within(1e-12));
    assertThat(errors.logCorrelation()).isCloseTo(0.97532, within(1e-5));
  }

  @Test
  void aFactorIsInvisibleToLogarithms() {
    double[] exact = {1, 20, 0.3};
    ScoreErrors errors = ScoreErrors.of(new double[] {2, 40, 0.6}, exact);
    assertThat(errors.logCorrelation()).isCloseTo(1, within(1e-12));
    assertThat(errors.median()).isEqualTo(1);
  }

  @Test
  void zerosAreCompared() {
    assertThat(ScoreErrors.of(new double[] {0, 1}, new double[] {0, 1}).median()).isZero();
    assertThat(ScoreErrors.of(new double[] {1}, new double[] {0}).median()).isInfinite();
    assertThat(ScoreErrors.of(new double[] {1}, new double[] {1}).logCorrelation()).isNaN();
    assertThatThrownBy(() -> ScoreErrors.of(new double[2], new double[3]))
        .hasMessageContaining("got 2 and 3");
  }
}
