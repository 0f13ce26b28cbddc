package io.sagitta.attack.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.attack.metrics.Roc;
import io.sagitta.kernels.Philox;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

/** Every bound at points worked out by hand, in its limits, and against mechanisms. */
class BoundsTest {
  private static final double LN3 = Math.log(3);

  @Test
  void pureDpByHand() {
    assertThat(PureDp.memorisation(Math.log(2))).isEqualTo(0.5, within(1e-15));
    assertThat(PureDp.stability(4, Math.log(2))).isEqualTo(2, within(1e-15));
    assertThat(PureDp.kl(1.5)).isEqualTo(1.5);
    assertThat(PureDp.totalVariation(LN3)).as("(3-1)/(3+1)").isEqualTo(0.5, within(1e-15));
    assertThat(PureDp.tightKl(LN3)).isEqualTo(LN3 / 2, within(1e-15));
    assertThat(PureDp.auroc(LN3)).as("3/4").isEqualTo(0.75, within(1e-15));
    assertThat(PureDp.auroc(LN3, 0)).isEqualTo(0.75, within(1e-15));
    // δ = 0.2: a = 0.2, corners (0, 0.2), (0.2, 0.8), (0.8, 1): 0.1 + 0.54 + 0.2.
    assertThat(PureDp.auroc(LN3, 0.2)).isEqualTo(0.84, within(1e-15));
    assertThat(PureDp.auroc(0, 0.2)).as("TV = 0.2").isEqualTo(Divergence.auroc(0.2), within(1e-15));
    assertThat(PureDp.auroc(5, 1)).isEqualTo(1);
  }

  @Test
  void pureDpInTheLimits() {
    assertThat(PureDp.memorisation(0)).isZero();
    assertThat(PureDp.memorisation(1e-12)).isEqualTo(1e-12, within(1e-20));
    assertThat(PureDp.auroc(0)).isEqualTo(0.5);
    assertThat(PureDp.auroc(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(PureDp.auroc(1000)).isEqualTo(1);
    assertThat(PureDp.totalVariation(Double.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(PureDp.tightKl(1e-4)).as("ε²/2").isEqualTo(5e-9, within(1e-16));
  }

  @Test
  void divergencesByHand() {
    assertThat(Divergence.pinsker(0.5)).isEqualTo(0.5);
    assertThat(Divergence.pinsker(8)).isEqualTo(1);
    assertThat(Divergence.bretagnolleHuber(Math.log(4))).isEqualTo(Math.sqrt(0.75), within(1e-15));
    assertThat(Divergence.auroc(0)).isEqualTo(0.5);
    assertThat(Divergence.auroc(0.5)).isEqualTo(0.875);
    assertThat(Divergence.auroc(1)).isEqualTo(1);
    assertThat(Divergence.totalVariation(1.5)).isEqualTo(Divergence.pinsker(1.5));
    assertThat(Divergence.totalVariation(1.7)).isEqualTo(Divergence.bretagnolleHuber(1.7));
    assertThat(Divergence.aurocOfKl(0.5)).isEqualTo(0.875);
  }

  @Property(tries = 200, seed = "20261125")
  void greaterEpsilonsAllowMore(
      @ForAll @DoubleRange(max = 30) double a, @ForAll @DoubleRange(max = 30) double b) {
    double low = Math.min(a, b);
    double high = Math.max(a, b);
    // Near 1 neighbouring values round either way.
    assertThat(PureDp.tightKl(low)).isLessThanOrEqualTo(PureDp.tightKl(high) + 1e-12);
    assertThat(PureDp.auroc(low)).isLessThanOrEqualTo(PureDp.auroc(high) + 1e-12);
    assertThat(Divergence.aurocOfKl(low)).isLessThanOrEqualTo(Divergence.aurocOfKl(high) + 1e-12);
    assertThat(PureDp.tightKl(low)).isLessThanOrEqualTo(PureDp.kl(low) + 1e-12);
    assertThat(PureDp.totalVariation(low))
        .as("the divergence's total variation is no tighter than the exact one")
        .isLessThanOrEqualTo(Divergence.totalVariation(PureDp.tightKl(low)) + 1e-12);
    assertThat(PureDp.auroc(low))
        .isLessThanOrEqualTo(Divergence.auroc(PureDp.totalVariation(low)) + 1e-12);
    assertThat(PureDp.auroc(low, 1e-3)).isGreaterThanOrEqualTo(PureDp.auroc(low) - 1e-12);
  }

  /** Answers truly with probability e^ε/(1+e^ε): what ε-DP allows at most. */
  @Test
  void randomisedResponseAttainsTheBounds() {
    double epsilon = 1.25;
    double truth = Math.exp(epsilon) / (1 + Math.exp(epsilon));
    double lie = 1 - truth;
    double kl = truth * Math.log(truth / lie) + lie * Math.log(lie / truth);
    assertThat(kl).isEqualTo(PureDp.tightKl(epsilon), within(1e-14));
    assertThat(truth - lie).isEqualTo(PureDp.totalVariation(epsilon), within(1e-14));
    int count = 200_000;
    Philox philox = new Philox(7);
    double[] in = new double[count];
    double[] out = new double[count];
    for (int i = 0; i < count; i++) {
      in[i] = philox.uniform(1, i) < truth ? 1 : 0;
      out[i] = philox.uniform(2, i) < lie ? 1 : 0;
    }
    double fourErrors = 4 * 0.5 / Math.sqrt(count);
    assertThat(Roc.of(in, out).auroc()).isEqualTo(PureDp.auroc(epsilon), within(fourErrors));
  }

  /** The Laplace mechanism is ε-DP too, and leaks less than the bounds allow. */
  @Test
  void laplaceNoiseStaysBelow() {
    double epsilon = 2;
    int count = 100_000;
    Philox philox = new Philox(8);
    double[] in = new double[count];
    double[] out = new double[count];
    for (int i = 0; i < count; i++) {
      in[i] = 1 + laplace(philox.uniform(1, i)) / epsilon;
      out[i] = laplace(philox.uniform(2, i)) / epsilon;
    }
    // P(X < Y + 1) of two Laplace variables of scale 1/ε: 1 − e^−ε (2 + ε)/4.
    double exact = 1 - Math.exp(-epsilon) * (2 + epsilon) / 4;
    double auroc = Roc.of(in, out).auroc();
    assertThat(auroc).isEqualTo(exact, within(0.006));
    assertThat(auroc).isLessThan(PureDp.auroc(epsilon) - 0.01);
  }

  private static double laplace(double uniform) {
    double side = uniform - 0.5;
    return -Math.signum(side) * Math.log1p(-2 * Math.abs(side));
  }

  /** Two Gaussians d apart: KL = d²/2, TV = 2Φ(d/2) − 1, AUROC = Φ(d/√2). */
  @Test
  void gaussiansStayBelow() {
    double[][] distances = {{0.5, 0.1974, 0.6382}, {1, 0.3829, 0.7602}, {3, 0.8664, 0.9831}};
    for (double[] d : distances) {
      double kl = d[0] * d[0] / 2;
      assertThat(d[1]).isLessThan(Divergence.totalVariation(kl));
      assertThat(d[2]).isLessThan(Divergence.auroc(d[1]));
      assertThat(d[2]).isLessThan(Divergence.aurocOfKl(kl));
    }
  }

  @Test
  void curvatureByHand() {
    CurvatureBounds bounds = new CurvatureBounds(2, 10, 0.1, 0.01, 0.05, 0.6);
    assertThat(bounds.c2()).as("39·0.01 + 18·0.05 + 0.1").isEqualTo(1.39, within(1e-12));
    assertThat(bounds.c1()).as("0.05 + 0.5 + 0.195 + 0.45").isEqualTo(1.195, within(1e-12));
    assertThat(bounds.memorisation(3)).isEqualTo(2.695, within(1e-12));
    assertThat(bounds.curvature(Math.log(2))).as("2·11·½ + c2").isEqualTo(12.39, within(1e-12));
    assertThat(bounds.curvature(0)).isEqualTo(bounds.c2());
  }

  @Test
  void curvatureKlAndItsCrossing() {
    CurvatureKl theorem = new CurvatureKl(1, 10, 0.5, 4);
    assertThat(theorem.kl(Math.log(2))).as("(5 + 1 + 0.5)²/32").isEqualTo(1.3203125, within(1e-12));
    assertThat(theorem.kl(0)).as("(L + c)²/(2σ²)").isEqualTo(2.25 / 32, within(1e-15));
    for (double epsilon : new double[] {0.5, 2, 10}) {
      double m = theorem.crossing(epsilon);
      assertThat(m).isPositive();
      assertThat(new CurvatureKl(1, m, 0.5, 4).kl(epsilon))
          .as("at the crossing both bounds agree")
          .isEqualTo(PureDp.kl(epsilon), within(1e-12));
      assertThat(new CurvatureKl(1, m + 1, 0.5, 4).kl(epsilon)).isGreaterThan(PureDp.kl(epsilon));
    }
    assertThat(new CurvatureKl(1, 10, 0.5, 0.1).crossing(1)).as("exceeded by any m").isZero();
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> PureDp.auroc(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epsilon: expected at least 0, got -1.0");
    assertThatThrownBy(() -> PureDp.kl(Double.NaN)).hasMessageContaining("got NaN");
    assertThatThrownBy(() -> PureDp.auroc(1, 1.5)).hasMessageContaining("delta: expected 0 to 1");
    assertThatThrownBy(() -> Divergence.auroc(1.1)).hasMessageContaining("TV: expected 0 to 1");
    assertThatThrownBy(() -> new CurvatureKl(0, 1, 0, 1)).hasMessageContaining("L: expected above");
    assertThatThrownBy(() -> new CurvatureKl(1, 1, 0, 1).crossing(0))
        .hasMessageContaining("epsilon: expected above 0");
    assertThatThrownBy(() -> new CurvatureBounds(1, 1, -1, 0, 0, 0)).hasMessageContaining("beta");
  }
}
