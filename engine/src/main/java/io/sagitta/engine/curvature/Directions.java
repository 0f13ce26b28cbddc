package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.RandomDirection;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Philox;

/**
 * Rademacher directions, ±1 in each coordinate, by Philox. Direction {@code which} (0 or 1) of
 * trial {@code trial} of the sample with number {@code id} is the stream {@code (purpose, id·2^24 +
 * 2·trial + which)}, element by element in the sample's row-major order. So it depends on nothing
 * but these numbers and the seed: not on the batch, the device, or how many trials there are.
 */
final class Directions {
  /** The purpose of the zero-order stencil's directions. */
  static final int ZERO_ORDER = 8;

  /** The purpose of Hutchinson's probes. */
  static final int HUTCHINSON = 9;

  /** The purpose of the directions along which gradients are compared. */
  static final int GRADIENT_DIFFERENCE = 10;

  /** The purpose of the sketch and probes of Hutch++. */
  static final int HUTCH_PLUS_PLUS = 11;

  /** The purpose of the signs of negligible classes. */
  static final int NEGLIGIBLE = 12;

  static final int MAX_TRIALS = 1 << 23;

  private static final int TRIAL_BITS = 24;

  private final long seed;
  private final int purpose;

  Directions(int purpose, long seed) {
    this.purpose = purpose;
    this.seed = seed;
  }

  /** One direction. */
  void fill(long id, int trial, int which, byte[] signs) {
    new Philox(seed).rademacher(stream(id, trial, which), signs);
  }

  /**
   * Directions of many trials as numbers.
   *
   * @param owners the sample of each row
   * @param trials the trial of each row
   * @return [owners.length, …], in the current scope
   */
  DenseTensor of(
      Backend backend, Samples samples, int[] owners, int[] trials, int which) {
    return RandomDirection.of(seed, streams(samples, owners, trials, which), 1)
        .on(backend, samples.batch(owners.length));
  }

  /** Those of the rows of a round. */
  DenseTensor of(Backend backend, Samples samples, PlannedTrials.Rows rows, int which) {
    return of(backend, samples, rows.owners(), rows.trials(), which);
  }

  /** {@code weight} times direction 0 of each row of a round. */
  RandomDirection along(Samples samples, PlannedTrials.Rows rows, double weight) {
    return RandomDirection.of(
        seed, streams(samples, rows.owners(), rows.trials(), 0), weight);
  }

  /** {@code first} times direction 0 plus {@code second} times direction 1 of each row. */
  RandomDirection along(
      Samples samples, PlannedTrials.Rows rows, double first, double second) {
    return new RandomDirection(
        seed, streams(samples, rows.owners(), rows.trials(), 0),
        streams(samples, rows.owners(), rows.trials(), 1), first, second);
  }

  private long[] streams(Samples samples, int[] owners, int[] trials, int which) {
    long[] streams = new long[owners.length];
    for (int row = 0; row < streams.length; row++) {
      streams[row] = stream(samples.ids()[owners[row]], trials[row], which);
    }
    return streams;
  }

  private long stream(long id, int trial, int which) {
    if (id < 0 || id >= 1L << 32) {
      throw new IllegalArgumentException("samples: expected ids in 0..2^32-1, got " + id);
    }
    return Philox.stream(purpose, id << TRIAL_BITS | 2L * trial + which);
  }

  static void checkStep(String estimator, double h) {
    if (!(h > 0) || !Double.isFinite(h)) {
      throw new IllegalArgumentException(estimator + ": expected a finite h > 0, got " + h);
    }
  }

  static void checkTrials(String estimator, int trials, int batch, int leastBatch) {
    if (trials < 1 || trials > MAX_TRIALS || batch < leastBatch) {
      throw new IllegalArgumentException(
          estimator + ": expected n in 1.." + MAX_TRIALS + " and a batch of at least " + leastBatch
              + ", got " + trials + " and " + batch);
    }
  }
}
