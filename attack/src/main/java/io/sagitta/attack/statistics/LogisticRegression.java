package io.sagitta.attack.statistics;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;

/**
 * Logistic regression with a ridge penalty {@code λn/2 ‖w‖²}, by Newton steps with the Hessian's
 * upper bound {@code XᵀX/4 + λnI} in the Hessian's place: one factorisation, and the penalised
 * likelihood grows at every step (Böhning and Lindsay 1988).
 */
public final class LogisticRegression {
  private static final int MOST_STEPS = 200;
  private static final double CONVERGED = 1e-5;

  private final double ridge;
  private final double[] weights;

  private LogisticRegression(double[] weights, double ridge) {
    this.ridge = ridge;
    this.weights = weights;
  }

  /**
   * Fits some rows.
   *
   * @param x {@code [samples][features]}
   * @param y {@code [samples]}: which of two kinds
   * @param rows the samples to learn from
   * @param ridge λ, above 0
   */
  public static LogisticRegression fit(double[][] x, boolean[] y, int[] rows, double ridge) {
    int features = x[0].length;
    DecompositionSolver bound = bound(x, rows, ridge);
    LogisticRegression model = new LogisticRegression(new double[features + 1], ridge);
    for (int step = 0; step < MOST_STEPS; step++) {
      double[] move = bound.solve(new ArrayRealVector(model.gradient(x, y, rows))).toArray();
      double most = 0;
      for (int f = 0; f < move.length; f++) {
        model.weights[f] += move[f];
        most = Math.max(most, Math.abs(move[f]));
      }
      if (most < CONVERGED) {
        break;
      }
    }
    return model;
  }

  /** The log odds that a row is of the second kind. */
  public double logOdds(double[] row) {
    double sum = weights[row.length];
    for (int f = 0; f < row.length; f++) {
      sum += weights[f] * row[f];
    }
    return sum;
  }

  /** Of the penalised log likelihood; the last entry is the intercept's, without penalty. */
  private double[] gradient(double[][] x, boolean[] y, int[] rows) {
    double[] gradient = new double[weights.length];
    int features = weights.length - 1;
    for (int row : rows) {
      double residual = (y[row] ? 1 : 0) - 1 / (1 + Math.exp(-logOdds(x[row])));
      for (int f = 0; f < features; f++) {
        gradient[f] += residual * x[row][f];
      }
      gradient[features] += residual;
    }
    for (int f = 0; f < features; f++) {
      gradient[f] -= ridge * rows.length * weights[f];
    }
    return gradient;
  }

  private static DecompositionSolver bound(double[][] x, int[] rows, double ridge) {
    int features = x[0].length;
    double[][] bound = new double[features + 1][features + 1];
    for (int row : rows) {
      for (int i = 0; i < features; i++) {
        double quarter = x[row][i] / 4;
        for (int j = 0; j <= i; j++) {
          bound[i][j] += quarter * x[row][j];
        }
        bound[features][i] += quarter;
      }
    }
    bound[features][features] = rows.length / 4.0;
    for (int i = 0; i <= features; i++) {
      bound[i][i] += i < features ? ridge * rows.length : 0;
      for (int j = 0; j < i; j++) {
        bound[j][i] = bound[i][j];
      }
    }
    return new CholeskyDecomposition(new Array2DRowRealMatrix(bound, false)).getSolver();
  }
}
