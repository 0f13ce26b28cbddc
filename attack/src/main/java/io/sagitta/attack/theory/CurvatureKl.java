package io.sagitta.attack.theory;

/**
 * Theorem 4.2 of "Curvature Clues" (NeurIPS 2024): how far members' curvature scores can be from
 * non-members', {@code KL ≤ [L m (1 − e^−ε) + L + c]² / (2σ²)} in nats.
 *
 * <p>Presupposes: training is ε-DP, the loss lies in [0, L], and curvature scores are Gaussian with
 * one σ for members and non-members; c gathers the constants of {@link CurvatureBounds#c2}. {@link
 * Status#RECONSTRUCTED}: the divergence of two such Gaussians is {@code (μ₁ − μ₂)²/(2σ²)}, and the
 * means differ by at most the bound on curvature.
 *
 * @param loss L, the greatest loss
 * @param samples m, the size of the training set
 * @param constant c
 * @param sigma of the scores
 */
public record CurvatureKl(double loss, double samples, double constant, double sigma) {
  /** Checks. */
  public CurvatureKl {
    Checks.above("L", 0, loss);
    Checks.atLeastZero("m", samples);
    Checks.atLeastZero("c", constant);
    Checks.above("sigma", 0, sigma);
  }

  /** The bound. */
  public double kl(double epsilon) {
    double difference = samples * PureDp.stability(loss, epsilon) + loss + constant;
    return difference * difference / (2 * sigma * sigma);
  }

  /**
   * The size m beyond which this bound exceeds that of probability scores, {@link PureDp#kl}:
   * {@code m > (σ√(2ε) − L − c)/(L(1 − e^−ε))}; 0 where every size does.
   *
   * <p>{@link Status#RECONSTRUCTED}, and a heuristic: of two upper bounds the greater one does not
   * say which attack is stronger.
   *
   * @param epsilon above 0
   */
  public double crossing(double epsilon) {
    Checks.above("epsilon", 0, epsilon);
    double missing = sigma * Math.sqrt(2 * PureDp.kl(epsilon)) - loss - constant;
    return Math.max(0, missing / PureDp.stability(loss, epsilon));
  }
}
