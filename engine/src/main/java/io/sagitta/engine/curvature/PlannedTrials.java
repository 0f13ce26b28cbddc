package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;

/**
 * Trials of samples by way of one {@link Plan}: the base pass once for a group of samples, then
 * round after round of trials on it, all of one batch shape. Few samples are repeated to fill the
 * batch. Groups and rounds are of one size, and as many as must be; the last ones repeat their last
 * sample and trial, which changes nothing. Memory grows with the batch alone, not with the number of trials.
 */
final class PlannedTrials {
  /**
   * What a round is about, row by row.
   *
   * @param points [rows, …]: the samples themselves
   * @param owners [rows]: the sample of each
   * @param trials [rows]: the trial of each
   * @param labels [rows]
   * @param classesOf the labels, as indices on the backend
   * @param logits [rows, classes]: at the samples
   * @param base the logits, on the backend
   */
  record Rows(
      DenseTensor points, int[] owners, int[] trials, int[] labels, DenseTensor classesOf,
      double[] logits, DenseTensor base) {
    int classes() {
      return base.shape().dim(1);
    }
  }

  /** The results of a round, one a row. */
  @FunctionalInterface
  interface Round {
    double[] run(Plan plan, Rows rows);
  }

  private final Logits network;
  private final Backend backend;
  private final Samples samples;
  private final int first;
  private final int n;
  private final int group;
  private final int repeats;

  /**
   * @param first number of the first trial
   * @param n trials of each sample
   * @param rows at a time
   */
  PlannedTrials(Logits network, Backend backend, Samples samples, int first, int n, int rows) {
    this.network = network;
    this.backend = backend;
    this.samples = samples;
    this.first = first;
    this.n = n;
    this.group = even(samples.count(), rows);
    this.repeats = even(n, rows / group);
  }

  /** The size of parts of {@code count} as equal as can be, as few as have at most {@code most}. */
  private static int even(int count, int most) {
    int parts = Math.max(1, (count - 1) / Math.max(1, most) + 1);
    return Math.max(1, (count - 1) / parts + 1);
  }

  /** Rounds of directional derivatives. */
  Trials derivatives(Round round) {
    if (samples.count() == 0) {
      return nothing();
    }
    try (Plan plan = Plan.of(network::logits, backend, samples.batch(group * repeats))) {
      return run(plan, round);
    }
  }

  /** Rounds of central differences. */
  Trials stencils(Round round) {
    if (samples.count() == 0) {
      return nothing();
    }
    try (Plan plan = Plan.forStencils(network::logits, backend, samples.batch(group * repeats))) {
      return run(plan, round);
    }
  }

  private static Trials nothing() {
    return Trials.of(new Estimate.Base(0, new double[0], new double[0]), new double[0]);
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private Trials run(Plan plan, Round round) {
    int count = samples.count();
    double[] results = new double[Math.multiplyExact(count, n)];
    double[] logits = null;
    int classes = 0;
    try (Scope scope = Scope.open()) {
      Tensor x = samples.upload(backend);
      for (int from = 0; from < count; from += group) {
        try (Scope ofGroup = Scope.open()) {
          int[] owners = owners(from);
          DenseTensor points = Samples.rows(x, owners).value();
          DenseTensor base = plan.base(points).value();
          if (logits == null) {
            classes = Estimate.classes(base.shape(), samples.labels());
            logits = new double[Math.multiplyExact(count, classes)];
          }
          double[] rows = base.toDoubles();
          for (int row = 0; row < owners.length; row++) {
            System.arraycopy(rows, row * classes, logits, owners[row] * classes, classes);
          }
          int[] labels = samples.labelsOf(owners);
          DenseTensor classesOf = Tensor.indices(backend, labels);
          for (int done = 0; done < n; done += repeats) {
            int[] trials = trials(done);
            Rows these = new Rows(points, owners, trials, labels, classesOf, rows, base);
            keep(round.run(plan, these), owners, trials, results);
          }
        }
      }
    }
    double[] losses = Estimate.losses(logits, classes, samples.labels());
    return Trials.of(new Estimate.Base(classes, logits, losses), results);
  }

  private int[] owners(int from) {
    int[] owners = new int[group * repeats];
    for (int row = 0; row < owners.length; row++) {
      owners[row] = Math.min(from + row / repeats, samples.count() - 1);
    }
    return owners;
  }

  private int[] trials(int done) {
    int[] trials = new int[group * repeats];
    for (int row = 0; row < trials.length; row++) {
      trials[row] = first + Math.min(done + row % repeats, n - 1);
    }
    return trials;
  }

  private void keep(double[] round, int[] owners, int[] trials, double[] results) {
    for (int row = 0; row < owners.length; row++) {
      results[owners[row] * n + trials[row] - first] = round[row];
    }
  }
}
