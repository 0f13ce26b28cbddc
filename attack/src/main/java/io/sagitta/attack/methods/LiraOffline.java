package io.sagitta.attack.methods;

import io.sagitta.attack.methods.GaussianRatio.ViewSums;
import io.sagitta.attack.methods.ShadowStatistics.Side;
import io.sagitta.attack.run.Signal;
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
    Side out = input.shadows(LOGIT).out();
    ViewSums sums = new ViewSums(input.samples());
    for (int view = 0; view < input.views(); view++) {
      double[] x = input.target(LOGIT, view);
      double[] variance = input.variance().of(out, out, view, input.shadowCount(Signal.LOGIT));
      for (int s = 0; s < x.length; s++) {
        double mean = out.mean(view, s);
        sums.add(
            s,
            twoSided
                ? -GaussianRatio.logDensity(x[s], mean, variance[s])
                : (x[s] - mean) / Math.sqrt(variance[s]),
            false);
      }
    }
    return sums.guess();
  }
}
