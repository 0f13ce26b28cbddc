package io.sagitta.engine.curvature;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Scope;

/**
 * The curvature of some samples.
 *
 * @param classes K
 * @param logits [N, K], computed in the backend's precision
 * @param loss [N], in float64 from the logits
 * @param curvature [N]: the mean over the estimator's trials
 * @param standardError [N]: of that mean, estimated from the spread of the trials; NaN for a single
 *     trial
 * @param trials [N]: how many there were
 */
public record Estimate(
    int classes, double[] logits, double[] loss, double[] curvature, double[] standardError,
    int[] trials) {

  /**
   * What the trials say together.
   *
   * @param trials [N][…]: the results for each sample
   */
  static Estimate of(Base base, double[][] trials) {
    int samples = trials.length;
    double[] mean = new double[samples];
    double[] error = new double[samples];
    int[] counts = new int[samples];
    for (int s = 0; s < samples; s++) {
      Mean ofSample = Mean.of(trials[s]);
      mean[s] = ofSample.value();
      error[s] = ofSample.error();
      counts[s] = trials[s].length;
    }
    return new Estimate(base.classes(), base.logits(), base.loss(), mean, error, counts);
  }

  /** A mean and its standard error. */
  record Mean(double value, double error) {
    static Mean of(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      double mean = sum / values.length;
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      return new Mean(mean, Math.sqrt(squares / (values.length - 1) / values.length));
    }
  }

  /**
   * The network's answers at the samples themselves.
   *
   * @param logits [N, K]
   * @param loss [N]
   */
  public record Base(int classes, double[] logits, double[] loss) {
    /**
     * Asks for them.
     *
     * @param x the samples, [N, …]
     * @param batch how many at a time
     */
    @SuppressWarnings("try") // an open scope is used by the operations inside it
    static Base query(Logits network, Tensor x, int[] labels, int batch) {
      int classes = 0;
      double[] logits = new double[0];
      for (int from = 0; from < labels.length; from += batch) {
        int rows = Math.min(batch, labels.length - from);
        try (Scope scope = Scope.open()) {
          Tensor answer = network.logits(x.slice(0, from, rows));
          if (from == 0) {
            classes = Estimate.classes(answer.shape(), labels);
            logits = new double[Math.multiplyExact(labels.length, classes)];
          }
          System.arraycopy(answer.toDoubles(), 0, logits, from * classes, rows * classes);
        }
      }
      return new Base(classes, logits, losses(logits, classes, labels));
    }
  }

  /**
   * The number of classes.
   *
   * @param answer [rows, K], to some of the samples
   * @throws IllegalArgumentException if a label names none of them, or the answer is not of rows
   */
  static int classes(Shape answer, int[] labels) {
    CrossEntropy.checkLabels(answer.with(0, labels.length), labels);
    return answer.dim(1);
  }

  /** The losses of rows of logits, in float64. */
  static double[] losses(double[] logits, int classes, int[] labels) {
    double[] losses = new double[labels.length];
    for (int row = 0; row < losses.length; row++) {
      losses[row] = Margin.loss(Margin.of(logits, row, classes, labels[row]));
    }
    return losses;
  }
}
