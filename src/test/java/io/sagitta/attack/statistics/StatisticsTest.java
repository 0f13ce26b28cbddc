package io.sagitta.attack.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.kernels.Philox;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against SciPy, by {@code goldens/statistics/generate.py}, and where there is nothing to find. */
class StatisticsTest {
  private static JsonNode goldens() throws IOException {
    try (InputStream in =
        StatisticsTest.class.getResourceAsStream("/goldens/statistics/statistics.json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static double[] doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  @ParameterizedTest
  @EnumSource
  void normalityEqualsSciPy(Normality test) throws IOException {
    int compared = 0;
    for (JsonNode golden : goldens().get("normality")) {
      double[] values = doubles(golden.get("values"));
      if (values.length < test.least()) {
        assertThatThrownBy(() -> test.test(values))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(test.title() + ": expected " + test.least() + " to ")
            .hasMessageContaining("got " + values.length);
        continue;
      }
      double expected = golden.get(test.name()).asDouble();
      // Royston's program rounds its normal scores to single precision.
      double tolerance = test == Normality.SHAPIRO_WILK ? 1e-5 : 1e-9;
      assertThat(test.test(values))
          .as(golden.get("kind") + " " + values.length)
          .isEqualTo(expected, within(tolerance));
      compared++;
    }
    assertThat(compared).isGreaterThan(20);
  }

  /** Of many values that are far from Gaussian; the fitted tail turns up again far out. */
  @ParameterizedTest
  @EnumSource(names = {"ANDERSON_DARLING", "DAGOSTINO"})
  void farFromGaussianIsImprobableHoweverMany(Normality test) {
    Philox philox = new Philox(12);
    double[] values = new double[100_000];
    Arrays.setAll(values, i -> -Math.log1p(-philox.uniform(0, i)));
    double before = 1;
    for (int n : new int[] {100, 1_000, 10_000, 100_000}) {
      double p = test.test(Arrays.copyOf(values, n));
      assertThat(p).as("%d values", n).isBetween(0.0, before);
      before = p;
    }
    assertThat(before).isLessThan(1e-100);
  }

  /** Of Gaussian samples a test rejects about as many as it says: 5 %, with few values roughly. */
  @ParameterizedTest
  @EnumSource
  void aboutFivePercentOfGaussianSamplesAreRejected(Normality test) {
    Philox philox = new Philox(11);
    int trials = 4000;
    int rejected = 0;
    double[] values = new double[20];
    for (int t = 0; t < trials; t++) {
      for (int i = 0; i < values.length; i++) {
        values[i] = philox.normal(t, i);
      }
      rejected += test.test(values) < 0.05 ? 1 : 0;
    }
    assertThat((double) rejected / trials).isBetween(0.035, 0.07);
  }

  @ParameterizedTest
  @EnumSource
  void constantAndInfiniteValuesAreNamed(Normality test) {
    assertThat(test.test(new double[] {1, 1, 1, 1, 1, 1, 1, 1})).isNaN();
    assertThatThrownBy(() -> test.test(new double[] {1, 2, 3, 4, 5, 6, 7, Double.NaN}))
        .hasMessageContaining("expected finite values, got 1.0 to NaN");
  }

  @Test
  void farTailsAreRejectedNotLost() {
    double[] values = new double[100];
    for (int i = 0; i < values.length; i++) {
      values[i] = i == 0 ? 1e9 : i;
    }
    for (Normality test : Normality.values()) {
      assertThat(test.test(values)).as(test.title()).isBetween(0.0, 1e-9);
    }
  }

  @Test
  void mannWhitneyEqualsSciPy() throws IOException {
    for (JsonNode golden : goldens().get("mann_whitney")) {
      MannWhitney test =
          MannWhitney.of(doubles(golden.get("first")), doubles(golden.get("second")));
      assertThat(test.lower()).isEqualTo(golden.get("lower").asDouble(), within(1e-12));
      double p = golden.get("p").asDouble();
      assertThat(test.p()).isEqualTo(p, within(1e-9 * p + 1e-300));
      assertThat(Math.signum(test.z())).isEqualTo(Math.signum(test.effect()));
    }
  }

  @Test
  void mannWhitneyByHand() {
    MannWhitney apart = MannWhitney.of(new double[] {1, 2}, new double[] {3, 4});
    assertThat(apart.lower()).isEqualTo(1);
    assertThat(apart.effect()).isEqualTo(1);
    assertThat(apart.z()).as("2 / √(4/12 · 5)").isEqualTo(2 / Math.sqrt(5.0 / 3), within(1e-12));
    MannWhitney equal = MannWhitney.of(new double[] {3, 3}, new double[] {3});
    assertThat(equal).isEqualTo(new MannWhitney(0.5, 0, 1));
    assertThatThrownBy(() -> MannWhitney.of(new double[0], new double[] {1}))
        .hasMessageContaining("expected two groups of numbers, got 0 and 1");
    assertThatThrownBy(() -> MannWhitney.of(new double[] {Double.NaN}, new double[] {1}))
        .hasMessageContaining("the last NaN");
  }
}
