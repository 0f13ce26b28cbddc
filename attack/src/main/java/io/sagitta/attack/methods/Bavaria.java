package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;
import io.sagitta.attack.run.Signal;
import java.util.Set;
import org.apache.commons.math3.special.Gamma;

/**
 * The likelihood ratio of the logit under posteriors in place of estimates: on each side the
 * sample's mean and variance have a normal-inverse-gamma law, and the target's logit the Student-t
 * law that follows, with {@code ν + n} degrees of freedom, around {@code (κ μ₀ + n x̄) / (κ + n)}.
 * How sure a sample's own statistics are is so part of the ratio, and a sample with no shadow on a
 * side has that of the population.
 *
 * <p>The prior is fitted to all samples of a side and view (empirical Bayes): its variance as
 * {@link VariancePrior} says, μ₀ the mean of the samples' means, and κ the variance within samples over
 * that between their true means, {@code τ² = Var(x̄) − σ² mean(1/n)}.
 */
final class Bavaria implements Attack {
  private static final Feature LOGIT = Feature.raw(Signal.LOGIT);

  /** One side's prior. */
  private record Prior(double mean, double strength, VariancePrior variance) {}

  @Override
  public String id() {
    return "bavaria";
  }

  @Override
  public String title() {
    return "BaVarIA";
  }

  @Override
  public String reference() {
    return "BaVarIA, arXiv 2603.11799, on Carlini et al., IEEE S&P 2022";
  }

  @Override
  public String formula() {
    return "Σ_view log t(logit; posterior of the in-models) − log t(logit; of the out-models)";
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.CORRECTED);
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOGIT), true, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    return ViewEvidence.guess(input, id(), LOGIT, true, Bavaria::ratios);
  }

  private static double[] ratios(double[] x, ShadowStatistics shadows, int view) {
    Prior in = prior(shadows.in(), shadows.out(), view);
    Prior out = prior(shadows.out(), shadows.in(), view);
    double[] ratios = new double[x.length];
    for (int s = 0; s < x.length; s++) {
      ratios[s] =
          logPredictive(x[s], in, shadows.in(), view, s)
              - logPredictive(x[s], out, shadows.out(), view, s);
    }
    return ratios;
  }

  private static Prior prior(Side side, Side other, int view) {
    double pooled = Variance.pooled(side, other, view);
    double mean = 0;
    double squares = 0;
    double inverse = 0;
    int n = 0;
    for (int s = 0; s < side.samples(); s++) {
      if (side.count(view, s) > 0) {
        n++;
        double step = side.mean(view, s) - mean;
        mean += step / n;
        squares += step * (side.mean(view, s) - mean);
        inverse += 1.0 / side.count(view, s);
      }
    }
    double between = Math.max(0, squares / (n - 1) - pooled * inverse / n);
    // Means that do not differ more than chance leave the prior as strong as all samples together.
    double strength = Math.min(pooled / between, n);
    return new Prior(mean, strength, VariancePrior.fit(side, view, pooled));
  }

  private static double logPredictive(double x, Prior prior, Side side, int view, int sample) {
    int n = side.count(view, sample);
    double strength = prior.strength() + n;
    double freedom = prior.variance().freedom() + n;
    double off = n == 0 ? 0 : side.mean(view, sample) - prior.mean();
    double mean = prior.mean() + off * n / strength;
    double squares =
        side.squares(view, sample) + off * off * prior.strength() * n / strength;
    double scale =
        prior.variance().posterior(squares, n) * (1 + 1 / strength);
    double z = (x - mean) * (x - mean) / scale;
    return Gamma.logGamma((freedom + 1) / 2)
        - Gamma.logGamma(freedom / 2)
        - 0.5 * Math.log(freedom * Math.PI * scale)
        - (freedom + 1) / 2 * Math.log1p(z / freedom);
  }
}
