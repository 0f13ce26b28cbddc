package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Against the functions of Java, which are within an ulp or two. */
class ExponentialsTest {
  private interface Kernel {
    void run(double[] x, int n);
  }

  @Test
  void exponentialsKeepElevenDigitsWhereverAFloatDoes() {
    assertThat(worst(Exponentials::exp, Math::exp, -104, 89)).isLessThan(1e-11);
  }

  @Test
  void lessOneTheyKeepThemBesideZeroToo() {
    assertThat(worst(Exponentials::expm1, Math::expm1, -40, 40)).isLessThan(1e-11);
    for (double x = 1e-30; x < 1; x *= 7) {
      assertThat(of(Exponentials::expm1, x) / Math.expm1(x)).isCloseTo(1, within(1e-11));
      assertThat(of(Exponentials::expm1, -x) / Math.expm1(-x)).isCloseTo(1, within(1e-11));
    }
  }

  @Test
  void whatNoFloatReachesIsInfiniteOrZeroAsOne() {
    assertThat((float) of(Exponentials::exp, 1e300)).isInfinite();
    assertThat((float) of(Exponentials::exp, Double.POSITIVE_INFINITY)).isInfinite();
    assertThat((float) of(Exponentials::exp, Double.NEGATIVE_INFINITY)).isZero();
    assertThat((float) of(Exponentials::expm1, Double.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(of(Exponentials::exp, Double.NaN)).isNaN();
    assertThat(of(Exponentials::expm1, Double.NaN)).isNaN();
    assertThat(of(Exponentials::exp, 0)).isEqualTo(1);
    assertThat(1 / of(Exponentials::expm1, -0.0)).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void elementsBehindTheFirstAreLeftAlone() {
    double[] x = {1, 2, 3};
    Exponentials.exp(x, 2);
    assertThat(x[2]).isEqualTo(3);
  }

  private static double of(Kernel kernel, double x) {
    double[] values = {x};
    kernel.run(values, 1);
    return values[0];
  }

  /** The greatest relative error on a grid that leaves zero out. */
  private static double worst(
      Kernel kernel, DoubleUnaryOperator exact, double from, double to) {
    int count = 100_004;
    double[] x = new double[count];
    Arrays.setAll(x, i -> from + (to - from) * i / (count - 1));
    double[] y = x.clone();
    kernel.run(y, count);
    double worst = 0;
    for (int i = 0; i < count; i++) {
      worst = Math.max(worst, Math.abs(y[i] / exact.applyAsDouble(x[i]) - 1));
    }
    return worst;
  }
}
