package io.sagitta.attack.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.Philox;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {
  /** At the maximum no weight's derivative of the penalised likelihood is left. */
  @Test
  void theFitIsTheMaximumOfThePenalisedLikelihood() {
    Philox philox = new Philox(5);
    int n = 300;
    double[][] x = new double[n][3];
    boolean[] y = new boolean[n];
    for (int s = 0; s < n; s++) {
      for (int f = 0; f < 3; f++) {
        x[s][f] = philox.normal(f, s);
      }
      double logit = 0.4 + 1.5 * x[s][0] - 0.7 * x[s][1];
      y[s] = philox.uniform(9, s) < 1 / (1 + Math.exp(-logit));
    }
    int[] rows = IntStream.range(0, n).toArray();
    LogisticRegression model = LogisticRegression.fit(x, y, rows, 0.01);
    double[] weights = weights(model);
    for (int f = 0; f <= 3; f++) {
      double slope = 0;
      for (int s = 0; s < n; s++) {
        double p = 1 / (1 + Math.exp(-model.logOdds(x[s])));
        slope += ((y[s] ? 1 : 0) - p) * (f < 3 ? x[s][f] : 1);
      }
      slope -= f < 3 ? 0.01 * n * weights[f] : 0;
      assertThat(slope / n).as("derivative by weight " + f).isCloseTo(0, within(1e-4));
    }
    assertThat(weights[0]).isCloseTo(1.5, within(0.5));
    assertThat(weights[1]).isCloseTo(-0.7, within(0.4));
    assertThat(weights[3]).isCloseTo(0.4, within(0.4));
  }

  /** Read off its answers; the intercept last. */
  private static double[] weights(LogisticRegression model) {
    double intercept = model.logOdds(new double[] {0, 0, 0});
    return new double[] {
      model.logOdds(new double[] {1, 0, 0}) - intercept,
      model.logOdds(new double[] {0, 1, 0}) - intercept,
      model.logOdds(new double[] {0, 0, 1}) - intercept,
      intercept
    };
  }

  @Test
  void whatCanBeToldApartIs() {
    Random random = new Random(1);
    double[][] x = new double[100][1];
    boolean[] y = new boolean[100];
    for (int s = 0; s < 100; s++) {
      y[s] = s % 2 == 0;
      x[s][0] = (y[s] ? 1 : -1) + 0.1 * random.nextDouble();
    }
    int[] rows = IntStream.range(0, 50).toArray();
    LogisticRegression model = LogisticRegression.fit(x, y, rows, 0.01);
    for (int s = 50; s < 100; s++) {
      assertThat(model.logOdds(x[s]) > 0).isEqualTo(y[s]);
    }
  }
}
