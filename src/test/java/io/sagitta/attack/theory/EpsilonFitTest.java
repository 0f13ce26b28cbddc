package io.sagitta.attack.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.Philox;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class EpsilonFitTest {
  private static final double[] EPSILONS = {0.1, 0.5, 1, 2, 3, 5, 10, 50};

  private static double[] curve(double a, double b) {
    return Arrays.stream(EPSILONS).map(new EpsilonFit(a, b, 0)::at).toArray();
  }

  @Property(tries = 100, seed = "20261125")
  void findsTheParametersOfExactPoints(
      @ForAll @DoubleRange(min = 0.01, max = 50) double a,
      @ForAll @DoubleRange(min = 0.05, max = 20) double b) {
    EpsilonFit fit = EpsilonFit.of(EPSILONS, curve(a, b));
    assertThat(fit.a() / a).isEqualTo(1, within(1e-5));
    assertThat(fit.b() / b).isEqualTo(1, within(1e-5));
    assertThat(fit.rms()).isLessThan(1e-6 * a * (1 + b) * (1 + b));
  }

  /** The paper's four parameters on one curve: s l² m² and (l + c)/(l m) are all that shows. */
  @Test
  void fourParametersAreTwo() {
    double[] values = new double[EPSILONS.length];
    double s = 0.02;
    double l = 0.5;
    double m = 7;
    double c = 1.5;
    for (int i = 0; i < values.length; i++) {
      values[i] = s * Math.pow(l * m * (1 - Math.exp(-EPSILONS[i])) + l + c, 2);
    }
    EpsilonFit fit = EpsilonFit.of(EPSILONS, values);
    assertThat(fit.a()).isEqualTo(s * l * l * m * m, within(1e-8));
    assertThat(fit.b()).isEqualTo((l + c) / (l * m), within(1e-8));
  }

  @Test
  void isTheLeastOfNoisyPoints() {
    double[] values = curve(0.4, 0.8);
    Philox philox = new Philox(3);
    Arrays.setAll(values, i -> values[i] + 0.02 * philox.normal(1, i));
    EpsilonFit fit = EpsilonFit.of(EPSILONS, values);
    assertThat(fit.rms()).isBetween(0.005, 0.03);
    double least = squares(fit, values);
    for (double step : new double[] {-1e-3, 1e-3}) {
      assertThat(squares(new EpsilonFit(fit.a() + step, fit.b(), 0), values)).isGreaterThan(least);
      assertThat(squares(new EpsilonFit(fit.a(), fit.b() + step, 0), values)).isGreaterThan(least);
    }
  }

  private static double squares(EpsilonFit fit, double[] values) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += Math.pow(fit.at(EPSILONS[i]) - values[i], 2);
    }
    return sum;
  }

  @Test
  void pointsThatSayTooLittleAreRefused() {
    assertThatThrownBy(() -> EpsilonFit.of(new double[] {1, 2, 2}, new double[] {0.6, 0.7, 0.7}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 3 different epsilons, got 3 values for 2");
    assertThatThrownBy(
            () -> EpsilonFit.of(new double[] {1, 2, 3}, new double[] {0.6, Double.NaN, 0.7}))
        .hasMessageContaining("expected finite numbers, got NaN at epsilon 2.0");
  }
}
