package io.sagitta.attack.theory;

import java.util.Arrays;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresOptimizer.Optimum;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.fitting.leastsquares.MultivariateJacobianFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.util.Pair;

/**
 * The curve {@code A(1 + B − e^−ε)²} through measured points, least squares by Levenberg-Marquardt.
 *
 * <p>The published notebook fits {@code s(l m (1 − e^−ε) + l + c)²} with four free parameters. Only
 * two of them can be told apart: {@code A = s l² m²} and {@code B = (l + c)/(l m)}. The shape is
 * that of {@link CurvatureKl}, a bound on a divergence; fitted to an attack's success it is an
 * interpolation, not a bound.
 *
 * @param a A, what the curve rises to, but for (1 + B)²
 * @param b B, where it starts: at A B²
 * @param rms root of the mean squared residual, in the values' unit
 */
public record EpsilonFit(double a, double b, double rms) {
  private static final int PARAMETERS = 2;
  private static final int MOST_STEPS = 10_000;

  /**
   * Fits.
   *
   * @param epsilons at least three different ones
   * @param values measured at each, above 0
   * @throws IllegalArgumentException if there are too few, or one is no finite number
   */
  public static EpsilonFit of(double[] epsilons, double[] values) {
    check(epsilons, values);
    Optimum optimum =
        new LevenbergMarquardtOptimizer()
            .optimize(
                new LeastSquaresBuilder()
                    .start(start(epsilons, values))
                    .model(model(epsilons))
                    .target(values)
                    .maxEvaluations(MOST_STEPS)
                    .maxIterations(MOST_STEPS)
                    .build());
    double a = optimum.getPoint().getEntry(0);
    double b = optimum.getPoint().getEntry(1);
    return new EpsilonFit(a, b, optimum.getRMS());
  }

  private static void check(double[] epsilons, double[] values) {
    long different = Arrays.stream(epsilons).distinct().count();
    if (epsilons.length != values.length || different <= PARAMETERS) {
      throw new IllegalArgumentException(
          "fit: expected a value for each of at least " + (PARAMETERS + 1)
              + " different epsilons, got " + values.length + " values for " + different);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(epsilons[i]) || !Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "fit: expected finite numbers, got " + values[i] + " at epsilon " + epsilons[i]);
      }
      Checks.atLeastZero("epsilon", epsilons[i]);
      Checks.above("value", 0, values[i]);
    }
  }

  /** The root of the curve is a straight line in 1 − e^−ε: √A x + √A B. */
  private static double[] start(double[] epsilons, double[] values) {
    double meanX = Arrays.stream(epsilons).map(e -> -Math.expm1(-e)).average().orElseThrow();
    double meanY = Arrays.stream(values).map(Math::sqrt).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      double x = -Math.expm1(-epsilons[i]) - meanX;
      products += x * (Math.sqrt(values[i]) - meanY);
      squares += x * x;
    }
    double slope = products / squares;
    double rise = slope == 0 ? 1e-3 * meanY : slope;
    return new double[] {rise * rise, meanY / rise - meanX};
  }

  private static MultivariateJacobianFunction model(double[] epsilons) {
    return point -> {
      double a = point.getEntry(0);
      double b = point.getEntry(1);
      double[] values = new double[epsilons.length];
      double[][] jacobian = new double[epsilons.length][PARAMETERS];
      for (int i = 0; i < values.length; i++) {
        double root = b - Math.expm1(-epsilons[i]);
        values[i] = a * root * root;
        jacobian[i][0] = root * root;
        jacobian[i][1] = 2 * a * root;
      }
      return new Pair<>(new ArrayRealVector(values), new Array2DRowRealMatrix(jacobian));
    };
  }

  /** The curve. */
  public double at(double epsilon) {
    double root = b + PureDp.memorisation(epsilon);
    return a * root * root;
  }
}
