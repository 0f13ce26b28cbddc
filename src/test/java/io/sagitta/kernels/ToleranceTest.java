package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ToleranceTest {
  private static final double UNIT = 0x1p-24;

  @Test
  void allowsAFewUnitsAndNoMore() {
    Tolerance tolerance = Tolerance.of(DType.F32);
    assertThatCode(() -> tolerance.check("y", of(3 * (1 + 7 * UNIT)), of(3)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> tolerance.check("y", of(3 * (1 + 9 * UNIT)), of(3)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void growsWithTheRootOfTheTermsAndWithTheScale() {
    double error = 60 * UNIT;
    Tolerance hundred = Tolerance.of(DType.F32).summing(100);
    assertThatCode(() -> hundred.check("y", of(1 + error), of(1))).doesNotThrowAnyException();
    assertThatThrownBy(
            () -> Tolerance.of(DType.F32).summing(25).check("y", of(1 + error), of(1)))
        .isInstanceOf(AssertionError.class);
    assertThatCode(() -> Tolerance.of(DType.F32).check("y", of(error), of(0), of(-10)))
        .doesNotThrowAnyException();
  }

  @Test
  void namesTheWorstElementBothValuesAndTheShareOfTheBudget() {
    Tolerance tolerance = Tolerance.override(0, 0.5, "a round number");
    assertThatThrownBy(() -> tolerance.check("logits", of(1, 5, 9), of(1, 4, 7)))
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "logits: worst at 2 of 3: expected 7.0, got 9.0, 4.00 times the budget of 0.5"
                + " (a round number); 2 beyond it");
  }

  @Test
  void takesNaNAndInfinityOnlyForThemselves() {
    Tolerance tolerance = Tolerance.override(1, 1e9, "generous");
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    assertThatCode(() -> tolerance.check("y", of(nan, infinity), of(nan, infinity)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> tolerance.check("y", of(nan), of(1)))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> tolerance.check("y", of(1), of(nan)))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> tolerance.check("y", of(1e30), of(infinity)))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> tolerance.check("y", of(-infinity), of(infinity)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void exactAllowsNothing() {
    Tolerance exact = Tolerance.exact("copied");
    assertThatCode(() -> exact.check("y", of(0.0), of(-0.0))).doesNotThrowAnyException();
    assertThatThrownBy(() -> exact.check("y", of(Math.nextUp(1.0)), of(1.0)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void comparesNorms() {
    assertThatCode(() -> Tolerance.checkNorm("y", of(3, 4.04), of(3, 4), 0.01))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Tolerance.checkNorm("y", of(3, 4.06), of(3, 4), 0.01))
        .hasMessageContaining("1.20 times the budget");
    assertThatThrownBy(() -> Tolerance.checkNorm("y", of(3, Double.NaN), of(3, 4), 0.01))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void comparesNumbersOfOrderOne() {
    assertThatCode(() -> Tolerance.checkNear("y", of(0.009, 0), of(0, 0), 0.01))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> Tolerance.checkNear("y", of(3, 4.09), of(3, 4), 0.01))
        .hasMessageContainingAll("1.50 times the budget", "worst at 1", "4.09");
    assertThatThrownBy(() -> Tolerance.checkNear("y", Double.NaN, 0, 0.01))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void refusesOtherLengthsAndUnexplainedOverrides() {
    assertThatThrownBy(() -> Tolerance.of(DType.F32).check("y", of(1), of(1, 2)))
        .hasMessageContaining("expected 2 numbers");
    assertThatThrownBy(() -> Tolerance.checkNorm("y", of(1), of(1, 2), 1))
        .hasMessageContaining("expected 2 numbers");
    assertThatThrownBy(() -> Tolerance.override(1, 1, " "))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static double[] of(double... values) {
    return values;
  }
}
