package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Set;

/**
 * The likelihood-ratio attack without models trained on the sample: how unlike the logit is to
 * those of the shadows that had not seen it. One-sided, as the paper's equation 4: {@code
 * Pr[N(μ_out, σ²_out) ≤ x]}, over views by Stouffer's sum {@code Σ_view (x − μ_out) / σ_out}, which orders
 * samples as their joint probability does and never saturates. Two-sided, as the authors' code:
 * {@code −Σ_view log N(x; μ_out, σ²_out)}, which takes a logit far below the others' for a member's
 * too.
 */
final class LiraOffline implements Attack {
  private static final Feature LOGIT = Feature.raw(Signal.LOGIT);

  private final boolean twoSided;

  LiraOffline(boolean twoSided) {
    this.twoSided = twoSided;
  }

  @Override
  public String id() {
    return twoSided ? "lira-offline-two-sided" : "lira-offline";
  }

  @Override
  public String title() {
    return twoSided ? "LiRA offline, two-sided" : "LiRA offline";
  }

  @Override
  public String reference() {
    return new Lira().reference();
  }

  @Override
  public String formula() {
    return twoSided ? "−Σ_view log N(logit; μ_out, σ²_out)" : "Σ_view (logit − μ_out) / σ_out";
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.CORRECTED);
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOGIT), false, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    Variance rule = input.variance();
    return ViewEvidence.guess(input, id(), LOGIT, false, twoSided ? twoSided(rule) : z(rule));
  }

  private static ViewEvidence z(Variance rule) {
    return (x, shadows, view) -> {
      Side out = shadows.out();
      double[] variance = rule.of(out, out, view);
      double[] z = new double[x.length];
      Arrays.setAll(z, s -> (x[s] - out.mean(view, s)) / Math.sqrt(variance[s]));
      return z;
    };
  }

  private static ViewEvidence twoSided(Variance rule) {
    return (x, shadows, view) -> {
      Side out = shadows.out();
      double[] variance = rule.of(out, out, view);
      double[] surprise = new double[x.length];
      Arrays.setAll(
          surprise, s -> -GaussianRatio.logDensity(x[s], out.mean(view, s), variance[s]));
      return surprise;
    };
  }
}
