package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the corrected Gaussian attacks estimate a feature's variance over shadows. */
public enum Variance {
  /**
   * The sample's own, with the pooled variance counting as one more observation, {@code (Σ (x−μ)² +
   * σ²_pooled) / n}, so that it is never zero.
   */
  PER_SAMPLE,
  /** One for all samples, pooled over them (Carlini et al. 2022, "fixed variance"). */
  GLOBAL,
  /**
   * The sample's own, drawn towards the others' as far as the spread of all samples' variances
   * tells ({@link VariancePrior}).
   */
  SHRUNK;

  /** Keeps constant features from dividing zero by zero. */
  private static final double LEAST = 1e-24;

  /** The name on the command line, such as {@code per-sample}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The rule of this name.
   *
   * @throws IllegalArgumentException naming the rules there are
   */
  public static Variance byId(String id) {
    return Arrays.stream(values())
        .filter(rule -> rule.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "variance: expected one of "
                        + Arrays.stream(values())
                            .map(Variance::id)
                            .collect(Collectors.joining(", "))
                        + ", got " + id));
  }

  /**
   * Every sample's variance on a side, never below 1e-24.
   *
   * @param other the other side, whose pooled variance stands in where this one has none
   * @return {@code [samples]}
   */
  double[] of(Side side, Side other, int view) {
    double pooled = pooled(side, other, view);
    double[] variances = new double[side.samples()];
    VariancePrior prior = this == SHRUNK ? VariancePrior.fit(side, view, pooled) : null;
    for (int s = 0; s < variances.length; s++) {
      int n = side.count(view, s);
      double variance =
          this == GLOBAL || n == 0
              ? pooled
              : this == SHRUNK
                  ? prior.posterior(side.squares(view, s), n - 1)
                  : (side.squares(view, s) + pooled) / n;
      variances[s] = Math.max(LEAST, variance);
    }
    return variances;
  }

  /** A side's pooled variance, or the other's where it has none; at least 1e-24. */
  static double pooled(Side side, Side other, int view) {
    double own = side.pooledVariance(view);
    return Math.max(LEAST, Double.isNaN(own) ? other.pooledVariance(view) : own);
  }
}
