package io.sagitta.bench;

import io.sagitta.kernels.Precision;
import io.sagitta.kernels.reference.ReferenceBackend;

/**
 * Whether engines compute what they are timed at: the work on the first few samples of a problem,
 * against the same in float64.
 */
final class Check {
  private static final int SAMPLES = 2;
  private static final int TRAINING_STEPS = 2;

  private Check() {}

  /** The samples that are looked at. */
  static Problem sample(Problem problem) {
    return problem.first(Math.min(SAMPLES, problem.batch()));
  }

  /** What a fresh workload comes to; of training the losses of two steps. */
  static double[] result(Workload.Kind kind, Workload workload) {
    double[] result = workload.check();
    if (!kind.trains()) {
      return result;
    }
    double[] losses = new double[TRAINING_STEPS];
    losses[0] = result[0];
    for (int i = 1; i < losses.length; i++) {
      losses[i] = workload.check()[0];
    }
    return losses;
  }

  /** What it should come to, computed in float64 on the processor's cores. */
  static double[] expected(Workload.Kind kind, Problem problem) {
    try (SagittaWorkload exact =
        new SagittaWorkload(
            kind, sample(problem), ReferenceBackend.onAllCores(), Precision.FP32)) {
      return result(kind, exact);
    }
  }

  /** ‖found − expected‖/‖expected‖. */
  static double error(double[] found, double[] expected) {
    if (found.length != expected.length) {
      throw new IllegalArgumentException(
          "check: expected " + expected.length + " numbers, got " + found.length);
    }
    double squares = 0;
    double all = 0;
    for (int i = 0; i < found.length; i++) {
      squares += (found[i] - expected[i]) * (found[i] - expected[i]);
      all += expected[i] * expected[i];
    }
    return Math.sqrt(squares / all);
  }
}
