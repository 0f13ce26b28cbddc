package io.sagitta.attack.theory;

/**
 * What links a sample's expected input loss curvature, its memorisation and privacy (Ravikumar,
 * Soufleri, Hashemi, Roy, ICML 2024). All {@link Status#VERBATIM}.
 *
 * <p>Presupposes: the loss lies in [0, L]; its input Hessian is ρ-Lipschitz; training is β-stable,
 * generalises within γ with probability 1 − δ and has a uniform model bias of at most Δ; neighbours
 * are υ-adjacent: beside a sample z_i the set has z_i + α, α in a ball of radius υ.
 *
 * @param loss L, the greatest loss
 * @param samples m, the size of the training set
 * @param stability β
 * @param gap γ, the generalisation gap
 * @param bias Δ
 * @param cubic {@code ρ E‖α‖³}, what the Hessian's changes can add
 */
public record CurvatureBounds(
    double loss, double samples, double stability, double gap, double bias, double cubic) {

  /** Checks. */
  public CurvatureBounds {
    Checks.above("L", 0, loss);
    Checks.above("m", 0, samples);
    Checks.atLeastZero("beta", stability);
    Checks.atLeastZero("gamma", gap);
    Checks.atLeastZero("Delta", bias);
    Checks.atLeastZero("rho E|alpha|^3", cubic);
  }

  /** {@code c1 = ρE‖α‖³/(6L) + mβ/L + (4m−1)γ/L + 2(m−1)Δ/L}. */
  public double c1() {
    return (c2() + samples * stability) / loss;
  }

  /** {@code c2 = (4m−1)γ + 2(m−1)Δ + ρE‖α‖³/6}. */
  public double c2() {
    return (4 * samples - 1) * gap + 2 * (samples - 1) * bias + cubic / 6;
  }

  /** A sample's memorisation is at most {@code E[Curv]/L + c1}. */
  public double memorisation(double curvature) {
    Checks.atLeastZero("curvature", curvature);
    return curvature / loss + c1();
  }

  /** A sample's expected curvature under ε-DP is at most {@code L(m+1)(1 − e^−ε) + c2}. */
  public double curvature(double epsilon) {
    return (samples + 1) * PureDp.stability(loss, epsilon) + c2();
  }
}
