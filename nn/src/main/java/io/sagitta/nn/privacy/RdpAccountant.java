package io.sagitta.nn.privacy;

import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What a number of steps of private training promises together: (ε, δ)-differential privacy, by way of
 * Rényi divergences, which add up over steps ({@link SampledGaussian}), and the tight conversion
 * (Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020,
 * proposition 12; Balle, Barthe, Gaboardi, Hsu and Sato, AISTATS 2020): for every order α
 *
 * <pre>ε = R_α + log((α − 1)/α) − (log δ + log α)/(α − 1),</pre>
 *
 * <p>of which the least counts.
 */
public final class RdpAccountant {
  /** 1.1, 1.2, … 10.9, whole orders up to 64, and sparser ones, for little ε, up to 1024. */
  private static final double[] ORDERS =
      DoubleStream.concat(
              DoubleStream.concat(
                  IntStream.range(11, 110).mapToDouble(tenths -> tenths / 10.0),
                  IntStream.rangeClosed(11, 64).asDoubleStream()),
              DoubleStream.of(80, 96, 128, 160, 192, 256, 384, 512, 768, 1024))
          .toArray();

  /** With less noise ε is above a hundred, and takes long to compute. */
  static final double LEAST_NOISE = 0.05;

  private static final double MOST_NOISE = 1e6;

  /** How near to the least noise that keeps the promise the calibration comes. */
  private static final double PRECISION = 1e-6;

  private final double sampleRate;
  private final long steps;
  private final double delta;

  /**
   * Accounts for a training.
   *
   * @param sampleRate the probability with which a step takes each sample, in (0, 1]
   * @param steps how many, at least 1
   * @param delta δ, in (0, 1)
   */
  public RdpAccountant(double sampleRate, long steps, double delta) {
    require(sampleRate > 0 && sampleRate <= 1, "a sample rate in (0, 1]", sampleRate);
    require(steps >= 1, "at least one step", steps);
    require(delta > 0 && delta < 1, "delta in (0, 1)", delta);
    this.sampleRate = sampleRate;
    this.steps = steps;
    this.delta = delta;
  }

  /** Fails unless there is no noise, or enough to speak of. */
  static void requireNoise(double noise) {
    boolean enough = noise >= LEAST_NOISE && Double.isFinite(noise);
    require(noise == 0 || enough, "a noise of 0, or of at least " + LEAST_NOISE, noise);
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException("privacy: expected " + expected + ", got " + got);
    }
  }

  /**
   * The promised ε.
   *
   * @param noise σ, the noise's deviation in multiples of the clipping norm: 0, with which ε is
   *     infinite, or at least 0.05
   */
  public double epsilon(double noise) {
    requireNoise(noise);
    if (noise == 0) {
      return Double.POSITIVE_INFINITY;
    }
    double least = Double.POSITIVE_INFINITY;
    for (double order : ORDERS) {
      least = Math.min(least, epsilon(noise, order));
    }
    return Math.max(0, least);
  }

  /** What one order α says. */
  double epsilon(double noise, double order) {
    double divergence = steps * new SampledGaussian(sampleRate, noise).divergence(order);
    return divergence + Math.log1p(-1 / order)
        - (Math.log(delta) + Math.log(order)) / (order - 1);
  }

  /**
   * The least noise that keeps a promise, to six digits, from above.
   *
   * @param target ε, above 0
   * @throws IllegalArgumentException if no noise reaches it, naming what can be reached
   */
  public double noise(double target) {
    require(target > 0 && Double.isFinite(target), "a finite epsilon above 0", target);
    double least = epsilon(MOST_NOISE);
    double most = epsilon(LEAST_NOISE);
    if (target < least || target > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "epsilon %s cannot be reached with delta %s in %d steps at a sample rate of %.3g:"
                  + " expected %.3g, where noise drowns everything, to %.3g, where there is hardly"
                  + " any",
              target, delta, steps, sampleRate, least, most));
    }
    double low = LEAST_NOISE;
    double high = MOST_NOISE;
    while (high - low > PRECISION * high) {
      double middle = Math.sqrt(low * high);
      if (epsilon(middle) <= target) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }
}
