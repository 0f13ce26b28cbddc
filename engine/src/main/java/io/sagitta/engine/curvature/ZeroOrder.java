package io.sagitta.engine.curvature;

import io.sagitta.engine.Plan;
import io.sagitta.engine.RandomDirection;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import java.util.List;

/**
 * The black-box score of Ravikumar, Soufleri and Roy, "Curvature Clues" (NeurIPS 2024), from losses
 * alone:
 *
 * <pre>t = ℓ(x+v+u) − ℓ(x−v+u) − ℓ(x+v−u) + ℓ(x−v−u),   score = (1/n) Σ |t| / (4h)</pre>
 *
 * <p>with v and u independent in {−h, +h}^D for each trial: 4n + 1 plain queries a sample, or one base
 * pass and 2n pairs of streams along v + u and v − u. Since v and u
 * carry h themselves, the score is about h·E|v̂ᵀHû| with v̂, û in {−1, +1}^D, so it measures
 * <b>the Frobenius norm</b> of the input Hessian, not its trace; the factor h cancels wherever
 * logarithms are compared. In a rectified network the stencil straddles kinks at usual h: its value
 * is a statistic of its own, with which the exact Hessian agrees only roughly.
 *
 * <p>Losses and their differences are computed in float64 from the logits or their differences. The
 * directions are {@code Philox(seed).rademacher} of the stream {@code (8, id·2^24 + 2·trial)} for v
 * and the next stream for u.
 *
 * @param h half the distance between neighbouring query points, in units of the network's input
 * @param n trials a sample
 * @param seed of the directions
 * @param batch query points or stream rows at a time; changes results by no more than the rounding
 *     of the logits
 * @param evaluation of the stencil
 */
public record ZeroOrder(double h, int n, long seed, int batch, Evaluation evaluation)
    implements RandomizedEstimator {
  /** Points of the stencil, all asked in one batch. */
  private static final int POINTS = 4;

  /** Rows of a difference: odd and even. */
  private static final int STREAMS = 2;

  /** Checks. */
  public ZeroOrder {
    Directions.checkStep("zero-order", h);
    Directions.checkTrials("zero-order", n, batch, POINTS);
  }

  @Override
  public Trials trials(
      Logits network, Backend backend, Samples samples, int first, int count) {
    evaluation.check("zero-order", backend);
    return evaluation.isPlain()
        ? plain(network, backend, samples, first, count)
        : new PlannedTrials(network, backend, samples, first, count, batch / STREAMS)
            .stencils((plan, rows) -> streams(plan, samples, rows));
  }

  private double[] streams(Plan plan, Samples samples, PlannedTrials.Rows rows) {
    Directions directions = new Directions(Directions.ZERO_ORDER, seed);
    RandomDirection along = directions.along(samples, rows, h, h);
    RandomDirection across = directions.along(samples, rows, h, -h);
    double[] scores = LossDifferences.second(plan, along, evaluation.rows(), rows);
    double[] subtracted = LossDifferences.second(plan, across, evaluation.rows(), rows);
    for (int row = 0; row < scores.length; row++) {
      scores[row] = Math.abs(scores[row] - subtracted[row]) / (POINTS * h);
    }
    return scores;
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private Trials plain(
      Logits network, Backend backend, Samples samples, int firstTrial, int count) {
    int trials = Math.multiplyExact(samples.count(), count);
    double[] scores = new double[trials];
    try (Scope scope = Scope.open()) {
      Tensor x = samples.upload(backend);
      Estimate.Base base = Estimate.Base.query(network, x, samples.labels(), batch);
      int rows = batch / POINTS;
      for (int first = 0; first < trials; first += rows) {
        int some = Math.min(rows, trials - first);
        int[] owners = Samples.owners(first, some, count);
        double[] these =
            stencils(network, x, samples, owners, Samples.trials(first, some, count, firstTrial));
        System.arraycopy(these, 0, scores, first, some);
      }
      return Trials.of(base, scores);
    }
  }

  /**
   * The directions of one trial, in the row-major order of the sample.
   *
   * @param v receives signs −1 and +1
   * @param u receives signs −1 and +1
   */
  public void directions(long id, int trial, byte[] v, byte[] u) {
    Directions directions = new Directions(Directions.ZERO_ORDER, seed);
    directions.fill(id, trial, 0, v);
    directions.fill(id, trial, 1, u);
  }

  /**
   * Evaluates stencils, each of one trial of one sample. The coordinates of v + u and
   * v − u are exactly −2h, 0 or 2h: one rounding a point, not two.
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private double[] stencils(
      Logits network, Tensor x, Samples samples, int[] owners, int[] trials) {
    int rows = owners.length;
    double[] scores = new double[rows];
    Directions directions = new Directions(Directions.ZERO_ORDER, seed);
    try (Scope scope = Scope.open()) {
      Tensor v = directions.of(x.backend(), samples, owners, trials, 0);
      Tensor u = directions.of(x.backend(), samples, owners, trials, 1);
      Tensor along = v.add(u).mul(h);
      Tensor across = v.sub(u).mul(h);
      List<Tensor> offsets = List.of(along, along.mul(-1), across.mul(-1), across);
      double[] losses =
          PlainQueries.losses(
              network, Samples.rows(x, owners), offsets, samples.labelsOf(owners));
      for (int row = 0; row < rows; row++) {
        double t =
            losses[row] + losses[row + rows] - losses[row + 2 * rows] - losses[row + 3 * rows];
        scores[row] = Math.abs(t) / (POINTS * h);
      }
      return scores;
    }
  }
}
