package io.sagitta.nn.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against numerical integration in forty digits, and figures that others published. */
class RdpAccountantTest {
  private static final JsonNode GOLDEN = golden();

  private static JsonNode golden() {
    try (InputStream in = RdpAccountantTest.class.getResourceAsStream("/goldens/privacy/rdp.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void divergencesAreThoseOfTheDefinition() {
    assertThat(GOLDEN.get("divergences")).hasSizeGreaterThan(60);
    for (JsonNode row : GOLDEN.get("divergences")) {
      SampledGaussian step =
          new SampledGaussian(row.get("q").asDouble(), row.get("sigma").asDouble());
      assertThat(step.divergence(row.get("order").asDouble()))
          .as(row.toString())
          .isCloseTo(row.get("divergence").asDouble(), Percentage.withPercentage(1e-6));
    }
  }

  @Test
  void theBinomialSumAndTheIntegralAgree() {
    for (int order = 2; order <= 40; order += 3) {
      for (double sigma : new double[] {0.05, 0.4, 1, 5, 60}) {
        for (double q : new double[] {1e-7, 1e-3, 0.2, 0.99}) {
          SampledGaussian step = new SampledGaussian(q, sigma);
          assertThat(step.ofAny(order))
              .as("order " + order + ", sigma " + sigma + ", q " + q)
              .isCloseTo(step.ofWhole(order), Offset.offset(1e-8 * Math.max(1, order / sigma)));
        }
      }
    }
  }

  /** With few samples and much noise all that is left is the second order, α/2·q²(e^{1/σ²} − 1). */
  @Test
  void littleLosesNoDigits() {
    double q = 1e-12;
    for (double sigma : new double[] {1, 1e3, 1e6}) {
      for (double order : new double[] {1.5, 2, 3.7, 10, 10.9}) {
        assertThat(new SampledGaussian(q, sigma).divergence(order))
            .as("sigma " + sigma + ", order " + order)
            .isCloseTo(
                order / 2 * q * q * Math.expm1(1 / (sigma * sigma)),
                Percentage.withPercentage(1e-8));
      }
    }
  }

  @Test
  void wholeTrainings() {
    assertThat(GOLDEN.get("trainings")).isNotEmpty();
    for (JsonNode row : GOLDEN.get("trainings")) {
      RdpAccountant accountant =
          new RdpAccountant(
              row.get("q").asDouble(), row.get("steps").asLong(), row.get("delta").asDouble());
      assertThat(accountant.epsilon(row.get("sigma").asDouble()))
          .as(row.toString())
          .isCloseTo(row.get("epsilon").asDouble(), Percentage.withPercentage(1e-8));
    }
  }

  /**
   * The figures of TensorFlow Privacy's tests (compute_dp_sgd_privacy_test.py), with the order that
   * was best there; it knows fewer, so that another may be better here.
   */
  @ParameterizedTest
  @CsvSource({
    "60000, 150, 1.3, 15, 1e-5, 0.7242234026109595, 19",
    "100000, 100, 1.0, 30, 1e-7, 1.4154988495444845, 13",
    "100000000, 1024, 0.1, 10, 1e-7, 5907982.31138195, 1.25"
  })
  void tensorFlowPrivacy(
      int samples, int batch, double noise, int epochs, double delta, double published,
      double order) {
    long steps = (long) Math.ceil((double) epochs * samples / batch);
    RdpAccountant accountant = new RdpAccountant((double) batch / samples, steps, delta);
    assertThat(accountant.epsilon(noise, order))
        .isCloseTo(published, Percentage.withPercentage(1e-7));
    assertThat(accountant.epsilon(noise)).isLessThanOrEqualTo(published * (1 + 1e-9));
  }

  /** The figures of Opacus' tests (accountants_test.py). */
  @Test
  void opacus() {
    double epsilon = new RdpAccountant(0.04, (long) (90 / 0.04), 1e-5).epsilon(1.5);
    assertThat(epsilon).isCloseTo(7.32911117143, Offset.offset(1e-8));
    // Opacus stops within 0.01 of ε, from below.
    assertThat(new RdpAccountant(0.04, (long) (90 / 0.04), 1e-5).epsilon(1.416))
        .isBetween(7.99, 8.0);
    assertThat(new RdpAccountant(0.04, 2000, 1e-5).epsilon(1.3562)).isBetween(7.99, 8.0);
  }

  @ParameterizedTest
  @CsvSource({
    "0.01, 1000, 1e-5, 1", "0.04, 2250, 1e-5, 8", "0.5, 30, 1e-6, 50", "1, 1, 1e-5, 0.2",
    "0.0026, 7800, 1e-5, 0.05"
  })
  void theLeastNoiseThatKeepsAPromise(double q, long steps, double delta, double target) {
    RdpAccountant accountant = new RdpAccountant(q, steps, delta);
    double noise = accountant.noise(target);
    assertThat(accountant.epsilon(noise)).isLessThanOrEqualTo(target);
    assertThat(accountant.epsilon(noise * (1 - 1e-5))).isGreaterThan(target);
  }

  @Test
  void whatNoNoiseReaches() {
    RdpAccountant accountant = new RdpAccountant(0.01, 1000, 1e-5);
    assertThatThrownBy(() -> accountant.noise(1e-4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "epsilon 1.0E-4 cannot be reached", "delta 1.0E-5", "1000 steps", "0.0100",
            "expected 0.00350");
    assertThatThrownBy(() -> accountant.noise(1e9)).hasMessageContaining("hardly any");
    assertThatThrownBy(() -> accountant.noise(0)).hasMessageContaining("a finite epsilon above 0");
  }

  @Test
  void refusesWhatIsNoTraining() {
    assertThatThrownBy(() -> new RdpAccountant(0, 1, 1e-5))
        .hasMessage("privacy: expected a sample rate in (0, 1], got 0.0");
    assertThatThrownBy(() -> new RdpAccountant(0.1, 0, 1e-5))
        .hasMessage("privacy: expected at least one step, got 0");
    assertThatThrownBy(() -> new RdpAccountant(0.1, 1, 1))
        .hasMessage("privacy: expected delta in (0, 1), got 1.0");
    assertThatThrownBy(() -> new RdpAccountant(0.1, 1, 0.1).epsilon(0.01))
        .hasMessage("privacy: expected a noise of 0, or of at least 0.05, got 0.01");
  }

  @Test
  void withoutNoiseNothingIsPromised() {
    assertThat(new RdpAccountant(0.1, 1, 1e-5).epsilon(0)).isInfinite();
  }

  @Test
  void quantilesOfTheNormalDistribution() {
    for (JsonNode row : GOLDEN.get("quantiles")) {
      double z = row.get("z").asDouble();
      assertThat(NormalQuantile.of(row.get("p").asDouble()))
          .as(row.toString())
          .isCloseTo(z, Offset.offset(1e-14 * Math.max(1, Math.abs(z))));
    }
  }
}
