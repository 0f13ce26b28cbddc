package io.sagitta.attack.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Philox;
import org.junit.jupiter.api.Test;

/** What rounding of losses makes of scores. */
class ScoreSettingsTest {
  private static final int SIMULATIONS = 20_000;
  private static final double H = 0.1;
  private static final double LOSS_ERROR = 1e-3;

  /** The loss in the middle is asked for once and stands in every trial. */
  @Test
  void noiseOfTheTraceIsThatOfItsStencilWithRandomErrors() {
    for (int n : new int[] {1, 10, 100}) {
      Philox philox = new Philox(n);
      double squares = 0;
      for (int i = 0; i < SIMULATIONS; i++) {
        double centre = philox.normal(i, 0);
        double sum = 0;
        for (int trial = 0; trial < n; trial++) {
          sum += philox.normal(i, 2 * trial + 1) + philox.normal(i, 2 * trial + 2) - 2 * centre;
        }
        double error = LOSS_ERROR * sum / n / (H * H);
        squares += error * error / SIMULATIONS;
      }
      ScoreSettings settings =
          new ScoreSettings(
              Estimator.ZO_TRACE, H, n, 0, ScoreSettings.DEFAULT_BATCH, Evaluation.plain(),
              DType.F32);
      double simulated = Math.sqrt(squares);
      assertThat(settings.noiseOf(LOSS_ERROR))
          .as("n = %d", n)
          .isCloseTo(simulated, within(0.03 * simulated));
    }
  }
}
