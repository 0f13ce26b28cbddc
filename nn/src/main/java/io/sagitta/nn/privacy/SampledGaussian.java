package io.sagitta.nn.privacy;

/**
 * Rényi divergences of the sampled Gaussian mechanism: each sample enters a sum with probability q, no
 * sample moves the sum by more than 1, and Gaussian noise of deviation σ is added. Neighbouring data
 * sets differ in one sample, added or removed. Mironov, Talwar and Zhang, "Rényi Differential Privacy
 * of the Sampled Gaussian Mechanism" (2019), section 3: the divergence of order α is log(A_α)/(α − 1)
 * with
 *
 * <pre>A_α = E[(1 + q(e^u − 1))^α],   u = (2z − 1)/(2σ²), z ~ N(0, σ²).</pre>
 *
 * <p>Since E[e^u] = 1, A_α − 1 is the mean of (1 + y)^α − 1 − αy with y = q(e^u − 1), which is nowhere
 * negative: all sums here have terms of one sign, and lose no digits however small q is.
 */
final class SampledGaussian {
  /** Deviations beyond which a Gaussian has no mass that float64 could tell: e^−72. */
  private static final double REACH = 12;

  /** Exponents below which so many terms are enough. */
  private static final double SERIES = 0.01;

  private static final int TERMS = 9;

  private final double q;
  private final double sigma;

  /**
   * @param sampleRate q, in [0, 1]
   * @param noise σ, above 0
   */
  SampledGaussian(double sampleRate, double noise) {
    q = sampleRate;
    sigma = noise;
  }

  /** The Rényi divergence of one step, nats. */
  double divergence(double order) {
    if (q == 0) {
      return 0;
    }
    if (q == 1) {
      return order / (2 * sigma * sigma);
    }
    boolean whole = order == Math.rint(order);
    double logExcess = whole ? ofWhole((int) order) : ofAny(order);
    return softplus(logExcess) / (order - 1);
  }

  /** log(A_α − 1), by the binomial theorem: E[e^{ku}] = e^{(k² − k)/(2σ²)}. */
  double ofWhole(int order) {
    double[] terms = new double[order - 1];
    double logBinomial = Math.log(order);
    for (int k = 2; k <= order; k++) {
      logBinomial += Math.log((double) (order - k + 1) / k);
      double t = ((double) k * k - k) / (2 * sigma * sigma);
      terms[k - 2] =
          logBinomial + k * Math.log(q) + (order - k) * Math.log1p(-q) + t
              + Math.log(-Math.expm1(-t));
    }
    return logSum(terms);
  }

  /**
   * log(A_α − 1) by the trapezoidal rule, whose error for a function that is analytic in a strip
   * around the real line decays as e^{−2πd/step}, d the strip's half width (Trefethen and Weideman,
   * "The Exponentially Convergent Trapezoidal Rule", SIAM Review 2014): here d = πσ², and a Gaussian's
   * error is e^{−2π²σ²/step²}.
   */
  double ofAny(double order) {
    double step = Math.min(sigma / 3, sigma * sigma / 2);
    double from = -REACH * sigma;
    int count = (int) Math.ceil((Math.max(1, order) + 2 * REACH * sigma) / step) + 1;
    double[] terms = new double[count];
    for (int i = 0; i < count; i++) {
      double z = from + i * step;
      terms[i] = logExcess(order, z) - z * z / (2 * sigma * sigma);
    }
    return logSum(terms) + Math.log(step / (sigma * Math.sqrt(2 * Math.PI)));
  }

  /** log((1 + y)^α − 1 − αy) at a point. */
  private double logExcess(double order, double z) {
    double u = (2 * z - 1) / (2 * sigma * sigma);
    double l = logSum(Math.log1p(-q), Math.log(q) + u);
    if (l < 1) {
      double y = q * Math.expm1(u);
      double small = Math.abs(y) < 0.5 ? Math.log1p(y) : l;
      return Math.log(
          Math.abs(order * small) < SERIES
              ? series(order, small)
              : Math.expm1(order * small) - order * Math.expm1(small));
    }
    return order * l
        + Math.log1p((order - 1) * Math.exp(-order * l) - order * Math.exp(-(order - 1) * l));
  }

  /** e^{αl} − 1 − α(e^l − 1) = Σ (α^k − α)·l^k/k! from k = 2 on, whose two halves would cancel. */
  private static double series(double order, double l) {
    double sum = 0;
    double term = l;
    double power = order;
    for (int k = 2; k <= TERMS; k++) {
      term *= l / k;
      power *= order;
      sum += (power - order) * term;
    }
    return sum;
  }

  private static double softplus(double x) {
    return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
  }

  /** log Σ e^x. */
  private static double logSum(double... x) {
    double greatest = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      greatest = Math.max(greatest, value);
    }
    if (Double.isInfinite(greatest)) {
      return greatest;
    }
    double sum = 0;
    for (double value : x) {
      sum += Math.exp(value - greatest);
    }
    return greatest + Math.log(sum);
  }
}
