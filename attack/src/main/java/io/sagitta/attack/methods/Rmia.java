package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Set;

/**
 * Robust membership inference: the share of a population Z that a sample's ratio {@code p(x) =
 * Pr(x|θ) / Pr(x)} of probabilities beats, {@code Pr_z(p(x) / p(z) ≥ γ)}, where Pr(x) averages over
 * models. Online it is the mean of those with and without the sample, {@code (p̄_in + p̄_out) / 2};
 * offline {@code ((1 + a) p̄_out + 1 − a) / 2} with a = 0.3, as the authors set it for CIFAR-10.
 * Over views the ratios' logarithms are averaged.
 *
 * <p>Z is the pool itself and γ = 1. The share is a rising function of p(x), the same one for every
 * sample, so Z and γ cancel from whatever depends on the order alone, which is the ROC curve and
 * all figures read off it; they matter to where a threshold fixed beforehand lies. With γ = 1 and Z the
 * pool the share is the rank, and loses none of the order; with γ above 1 it only adds ties.
 */
final class Rmia implements Attack {
  private static final Feature PROBABILITY = Feature.raw(Signal.PROB_TRUE);
  private static final double OFFLINE_A = 0.3;

  private final boolean offline;

  Rmia(boolean offline) {
    this.offline = offline;
  }

  @Override
  public String id() {
    return offline ? "rmia-offline" : "rmia";
  }

  @Override
  public String title() {
    return offline ? "RMIA offline" : "RMIA";
  }

  @Override
  public String reference() {
    return "Zarifzadeh, Liu, Shokri: Low-Cost High-Power Membership Inference Attacks, ICML 2024";
  }

  @Override
  public String formula() {
    return "Pr_z[p(x)/p(z) ≥ 1], p(x) = Pr(x|θ) / "
        + (offline ? "((1.3 p̄_out + 0.7) / 2)" : "((p̄_in + p̄_out) / 2)");
  }

  @Override
  public Set<Mode> modes() {
    return Set.of(Mode.CORRECTED);
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.PROB_TRUE), !offline, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    Guess guess = ViewEvidence.guess(input, id(), PROBABILITY, !offline, this::ratios);
    return new Guess(shares(guess.scores()), guess.imputed());
  }

  private double[] ratios(double[] p, ShadowStatistics shadows, int view) {
    ShadowMeans means = ShadowMeans.of(shadows, view);
    double[] ratios = new double[p.length];
    for (int s = 0; s < p.length; s++) {
      double average =
          offline
              ? ((1 + OFFLINE_A) * shadows.out().mean(view, s) + 1 - OFFLINE_A) / 2
              : (means.in()[s] + means.out()[s]) / 2;
      ratios[s] =
          Math.log(Math.max(p[s], Double.MIN_NORMAL) / Math.max(average, Double.MIN_NORMAL));
    }
    return ratios;
  }

  /** For each number the share of all that are not above it; NaN stays and does not count. */
  private static double[] shares(double[] values) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    double[] shares = new double[values.length];
    for (int s = 0; s < values.length; s++) {
      shares[s] =
          Double.isNaN(values[s]) ? Double.NaN : notAbove(sorted, values[s]) / sorted.length;
    }
    return shares;
  }

  private static double notAbove(double[] sorted, double value) {
    int at = Arrays.binarySearch(sorted, value);
    at = at < 0 ? -at - 1 : at;
    while (at < sorted.length && sorted[at] <= value) {
      at++;
    }
    return at;
  }
}
