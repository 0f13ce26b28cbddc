package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Another estimator's trials, of each sample only as many as it takes: after 8, 16, 32, … of them a
 * sample is done whose standard error is at most {@code relativeError} of the size of its mean. So
 * what a sample gets depends on its own trials, not on its company.
 *
 * <p>That the trials say when to stop draws the mean a little towards where their spread is small;
 * looking seldom, and not before eight, keeps this well below the error asked for.
 *
 * @param estimator its {@code n} is the most trials a sample gets
 * @param relativeError of the mean, above 0
 */
public record UntilPrecise(RandomizedEstimator estimator, double relativeError)
    implements CurvatureEstimator {
  /** A spread of fewer trials says little. */
  private static final int FIRST_LOOK = 8;

  /** Checks. */
  public UntilPrecise {
    if (!(relativeError > 0) || !Double.isFinite(relativeError)) {
      throw new IllegalArgumentException(
          "curvature: expected a relative error above 0, got " + relativeError);
    }
  }

  @Override
  public Estimate estimate(Logits network, Backend backend, Samples samples) {
    int n = estimator.n();
    int[] active = IntStream.range(0, samples.count()).toArray();
    int done = Math.min(n, FIRST_LOOK);
    Trials start = estimator.trials(network, backend, samples, 0, done);
    double[][] values = start.values();
    active = unfinished(active, values);
    while (active.length > 0 && done < n) {
      int more = Math.min(n - done, done);
      double[][] next =
          estimator.trials(network, backend, samples.only(active), done, more).values();
      for (int i = 0; i < active.length; i++) {
        double[] all = Arrays.copyOf(values[active[i]], done + more);
        System.arraycopy(next[i], 0, all, done, more);
        values[active[i]] = all;
      }
      done += more;
      active = unfinished(active, values);
    }
    return Estimate.of(start.base(), values);
  }

  private int[] unfinished(int[] active, double[][] values) {
    return Arrays.stream(active)
        .filter(
            s -> {
              Estimate.Mean mean = Estimate.Mean.of(values[s]);
              return !(mean.error() <= relativeError * Math.abs(mean.value()));
            })
        .toArray();
  }
}
