package io.sagitta.kernels.host;

import io.sagitta.kernels.GroupNormGeometry;
import java.nio.FloatBuffer;

/**
 * Group normalisation: each sample by itself, on one thread, with the loops of {@link NormKernels}
 * over its rows and channels.
 */
final class GroupNormKernels {
  private GroupNormKernels() {}

  static void statistics(GroupNormGeometry g, HostBuffer x, HostBuffer statistics) {
    if (g.rows() == 1 && g.groups() == 1) {
      LayerNormKernels.statistics(x, statistics, g.samples(), g.channels());
      return;
    }
    FloatBuffer source = x.floats();
    FloatBuffer target = statistics.writeFloats();
    RowTiles tiles = new RowTiles(g.rows(), g.channels());
    Parallel.run(g.samples(), n -> {
      double[] means = new double[tiles.parts * g.channels()];
      double[] squares = new double[tiles.parts * g.channels()];
      FloatBuffer sample = sample(g, source, n);
      for (int p = 0; p < tiles.parts; p++) {
        NormKernels.partStatistics(tiles, sample, p, means, squares);
      }
      float[] result = new float[2 * g.groups()];
      for (int group = 0; group < g.groups(); group++) {
        merge(g, tiles, group, means, squares, result);
      }
      target.put(n * result.length, result);
    });
  }

  /** A group's mean and variance from its parts' and channels' (Chan, Golub and LeVeque, 1979). */
  private static void merge(
      GroupNormGeometry g, RowTiles tiles, int group, double[] means, double[] squares,
      float[] result) {
    double count = 0;
    double mean = 0;
    double square = 0;
    for (int p = 0; p < tiles.parts; p++) {
      double more = tiles.partRows(p);
      for (int k = 0; k < g.groupChannels(); k++) {
        int at = p * g.channels() + group * g.groupChannels() + k;
        double share = more / (count + more);
        double delta = means[at] - mean;
        mean += delta * share;
        square += squares[at] + delta * delta * count * share;
        count += more;
      }
    }
    result[group] = (float) mean;
    result[g.groups() + group] = (float) (square / count);
  }

  static void apply(
      GroupNormGeometry g, HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer beta,
      HostBuffer residual, boolean relu, double epsilon, HostBuffer y) {
    FloatBuffer source = x.floats();
    FloatBuffer added = residual == null ? null : residual.floats();
    FloatBuffer target = y.writeFloats();
    RowTiles tiles = new RowTiles(g.rows(), g.channels());
    double[] gammas = NormChannels.numbers(gamma, 0, g.channels());
    float[] shift = tiles.spread(NormChannels.numbers(beta, 0, g.channels()));
    Parallel.run(g.samples(), n -> {
      double[] scales = inverseDeviations(g, statistics, n, epsilon);
      for (int c = 0; c < scales.length; c++) {
        scales[c] *= gammas[c];
      }
      float[] mean = tiles.spread(perChannel(g, statistics, 2 * n));
      float[] scale = tiles.spread(scales);
      for (int p = 0; p < tiles.parts; p++) {
        NormKernels.partApply(
            tiles, sample(g, source, n), p, mean, scale, shift, sample(g, added, n), relu,
            sample(g, target, n));
      }
    });
  }

  static void sums(
      GroupNormGeometry g, HostBuffer x, HostBuffer statistics, HostBuffer gradY, HostBuffer y,
      double epsilon, HostBuffer sums) {
    FloatBuffer source = x.floats();
    FloatBuffer gradient = gradY.floats();
    FloatBuffer rectified = y == null ? null : y.floats();
    FloatBuffer target = sums.writeFloats();
    RowTiles tiles = new RowTiles(g.rows(), g.channels());
    Parallel.run(g.samples(), n -> {
      float[] mean = tiles.spread(perChannel(g, statistics, 2 * n));
      double[] totals = new double[2 * g.channels()];
      for (int p = 0; p < tiles.parts; p++) {
        NormKernels.partSums(
            tiles, sample(g, source, n), p, mean, sample(g, gradient, n), sample(g, rectified, n),
            totals, 0);
      }
      double[] scale = inverseDeviations(g, statistics, n, epsilon);
      float[] result = new float[totals.length];
      for (int c = 0; c < g.channels(); c++) {
        result[c] = (float) totals[c];
        result[g.channels() + c] = (float) (totals[g.channels() + c] * scale[c]);
      }
      target.put(n * result.length, result);
    });
  }

  static void gradInput(
      GroupNormGeometry g, HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer gradY,
      HostBuffer y, HostBuffer sums, double epsilon, HostBuffer gradX) {
    FloatBuffer source = x.floats();
    FloatBuffer gradient = gradY.floats();
    FloatBuffer rectified = y == null ? null : y.floats();
    FloatBuffer target = gradX.writeFloats();
    RowTiles tiles = new RowTiles(g.rows(), g.channels());
    double[] gammas = NormChannels.numbers(gamma, 0, g.channels());
    Parallel.run(g.samples(), n -> {
      NormKernels.Combination combination =
          combination(g, tiles, statistics, gammas, sums, epsilon, n);
      for (int p = 0; p < tiles.parts; p++) {
        NormKernels.partGradInput(
            tiles, sample(g, source, n), p, combination, sample(g, gradient, n),
            sample(g, rectified, n), sample(g, target, n));
      }
    });
  }

  private static NormKernels.Combination combination(
      GroupNormGeometry g, RowTiles tiles, HostBuffer statistics, double[] gammas, HostBuffer sums,
      double epsilon, int n) {
    int channels = g.channels();
    double[] both = NormChannels.numbers(sums, 2 * n * channels, 2 * channels);
    double[] inverse = inverseDeviations(g, statistics, n, epsilon);
    double[] ofGradient = new double[channels];
    double[] ofInput = new double[channels];
    double[] constant = new double[channels];
    for (int from = 0; from < channels; from += g.groupChannels()) {
      double plain = 0;
      double weighted = 0;
      for (int c = from; c < from + g.groupChannels(); c++) {
        plain += gammas[c] * both[c];
        weighted += gammas[c] * both[channels + c];
      }
      for (int c = from; c < from + g.groupChannels(); c++) {
        ofGradient[c] = gammas[c] * inverse[c];
        ofInput[c] = -weighted / g.groupElements() * inverse[c] * inverse[c];
        constant[c] = -plain / g.groupElements() * inverse[c];
      }
    }
    return new NormKernels.Combination(
        tiles.spread(perChannel(g, statistics, 2 * n)), tiles.spread(ofInput),
        tiles.spread(constant), tiles.spread(ofGradient));
  }

  /** One sample's numbers; null of null. */
  private static FloatBuffer sample(GroupNormGeometry g, FloatBuffer all, int n) {
    int length = Math.toIntExact(g.sampleElements());
    return all == null ? null : all.slice(n * length, length);
  }

  /** A row of [samples · 2, groups], each number repeated for the group's channels. */
  private static double[] perChannel(GroupNormGeometry g, HostBuffer statistics, int row) {
    double[] groups = NormChannels.numbers(statistics, row * g.groups(), g.groups());
    double[] channels = new double[g.channels()];
    for (int c = 0; c < channels.length; c++) {
      channels[c] = groups[c / g.groupChannels()];
    }
    return channels;
  }

  private static double[] inverseDeviations(
      GroupNormGeometry g, HostBuffer statistics, int n, double epsilon) {
    double[] values = perChannel(g, statistics, 2 * n + 1);
    for (int c = 0; c < values.length; c++) {
      values[c] = 1 / Math.sqrt(values[c] + epsilon);
    }
    return values;
  }
}
