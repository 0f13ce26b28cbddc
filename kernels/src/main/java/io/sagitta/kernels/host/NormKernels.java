package io.sagitta.kernels.host;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Batch normalisation over [rows, channels]. Rows are taken by tiles, as many whole rows as fit a
 * chunk, and every channel's constants are repeated over a tile, so that the loops run flat over it
 * however few channels there are. Sums run position by position over the tiles of a part in float,
 * a few dozen terms each, and are folded into one double a channel.
 */
final class NormKernels {
  /**
   * min(1, y·HUGE·HUGE) is 1[y &gt; 0] for a rectifier's output, however small: C2 vectorises this,
   * but no selection. A gradient that is not finite is NaN where the indicator is 0.
   */
  private static final float HUGE = 0x1p100f;

  private NormKernels() {}

  static void statistics(HostBuffer x, HostBuffer statistics, int rows, int channels) {
    Images source = Images.read(x, x.type());
    RowTiles tiles = new RowTiles(rows, channels, source.paired());
    double[] means = new double[tiles.parts * channels];
    double[] squares = new double[tiles.parts * channels];
    Parallel.run(tiles.parts, p -> partStatistics(tiles, source, p, means, squares));
    double[] mean = new double[channels];
    double[] square = new double[channels];
    double count = 0;
    for (int p = 0; p < tiles.parts; p++) {
      double more = tiles.partRows(p);
      double share = more / (count + more);
      for (int c = 0; c < channels; c++) {
        double delta = means[p * channels + c] - mean[c];
        mean[c] += delta * share;
        square[c] += squares[p * channels + c] + delta * delta * count * share;
      }
      count += more;
    }
    float[] result = new float[2 * channels];
    for (int c = 0; c < channels; c++) {
      result[c] = (float) mean[c];
      result[channels + c] = (float) (square[c] / rows);
    }
    statistics.writeFloats().put(0, result, 0, 2 * channels);
  }

  /**
   * Mean and summed squared deviation of each channel over one part, from sums shifted by the mean
   * of the part's first tile, so that nothing cancels. Parts are merged after Chan, Golub and
   * LeVeque (1979).
   */
  static void partStatistics(
      RowTiles tiles, Images x, int part, double[] means, double[] squares) {
    Stage stage = Stage.get();
    int tile = tiles.tile();
    int channels = tiles.channels;
    float[] values = stage.floats(0, tile);
    float[] shift = stage.floats(1, tile);
    float[] sums = stage.zeros(2, tile);
    float[] squareSums = stage.zeros(3, tile);
    double[] totals = stage.doubles(0, 2 * channels);
    int firstRows = Math.min(tiles.tileRows, tiles.partRows(part));
    x.get(part * tiles.partRows * channels, firstRows * channels, values, tiles.half());
    Arrays.fill(totals, 0, 2 * channels, 0);
    tiles.fold(values, firstRows * channels, totals, 0);
    for (int c = 0; c < channels; c++) {
      shift[c] = (float) (totals[c] / firstRows);
      means[part * channels + c] = shift[c];
    }
    tiles.repeat(shift);
    tiles.each(part, (start, n) -> {
      x.get(start, n, values, tiles.half());
      tiles.over(n, (from, to) -> moments(values, shift, sums, squareSums, from, to));
    });
    Arrays.fill(totals, 0, 2 * channels, 0);
    tiles.fold(sums, tile, totals, 0);
    tiles.fold(squareSums, tile, totals, channels);
    double count = tiles.partRows(part);
    for (int c = 0; c < channels; c++) {
      double off = totals[c] / count;
      means[part * channels + c] += off;
      squares[part * channels + c] = Math.max(0, totals[channels + c] - off * totals[c]);
    }
  }

  private static void moments(
      float[] x, float[] shift, float[] sums, float[] squares, int from, int to) {
    for (int i = from; i < to; i++) {
      float d = x[i] - shift[i];
      sums[i] += d;
      squares[i] = Math.fma(d, d, squares[i]);
    }
  }

  static void apply(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer beta, HostBuffer residual,
      boolean relu, double epsilon, HostBuffer y, int rows, int channels) {
    Images source = Images.read(x, x.type());
    Images added = Images.readIfAny(residual, x.type());
    Images target = Images.write(y, x.type());
    RowTiles tiles = new RowTiles(rows, channels, source.paired());
    double[] scales = inverseDeviations(statistics, epsilon, channels);
    double[] gammas = channel(gamma, 0, channels);
    for (int c = 0; c < channels; c++) {
      scales[c] *= gammas[c];
    }
    float[] mean = tiles.spread(channel(statistics, 0, channels));
    float[] scale = tiles.spread(scales);
    float[] shift = tiles.spread(channel(beta, 0, channels));
    Parallel.run(
        tiles.parts,
        p -> partApply(tiles, source, p, mean, scale, shift, added, relu, target));
  }

  /** y = act((x − mean)·scale + shift + added) of one part, the numbers repeated over a tile. */
  static void partApply(
      RowTiles tiles, Images x, int part, float[] mean, float[] scale, float[] shift,
      Images added, boolean relu, Images y) {
    float[] values = Stage.get().floats(0, tiles.tile());
    float[] others = Stage.get().floats(1, tiles.tile());
    tiles.each(part, (start, n) -> {
      x.get(start, n, values, tiles.half());
      if (added != null) {
        added.get(start, n, others, tiles.half());
      }
      tiles.over(n, (from, to) -> {
        if (added == null) {
          normalise(values, mean, scale, shift, from, to);
        } else {
          normaliseAndAdd(values, mean, scale, shift, others, from, to);
        }
        if (relu) {
          rectify(values, from, to);
        }
      });
      y.put(start, n, values, tiles.half());
    });
  }

  /** x = (x − mean)·scale + shift; the mean goes first, while the difference is still exact. */
  private static void normalise(
      float[] x, float[] mean, float[] scale, float[] shift, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.fma(x[i] - mean[i], scale[i], shift[i]);
    }
  }

  private static void normaliseAndAdd(
      float[] x, float[] mean, float[] scale, float[] shift, float[] added, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.fma(x[i] - mean[i], scale[i], shift[i]) + added[i];
    }
  }

  private static void rectify(float[] x, int from, int to) {
    for (int i = from; i < to; i++) {
      x[i] = Math.max(x[i], 0f);
    }
  }

  static void sums(
      HostBuffer x, HostBuffer statistics, HostBuffer gradY, HostBuffer y, double epsilon,
      HostBuffer sums, int rows, int channels) {
    Images source = Images.read(x, x.type());
    Images gradient = Images.read(gradY, x.type());
    Images rectified = Images.readIfAny(y, x.type());
    RowTiles tiles = new RowTiles(rows, channels, source.paired());
    float[] mean = tiles.spread(channel(statistics, 0, channels));
    double[] partial = new double[tiles.parts * 2 * channels];
    Parallel.run(
        tiles.parts,
        p -> partSums(tiles, source, p, mean, gradient, rectified, partial, p * 2 * channels));
    double[] scale = inverseDeviations(statistics, epsilon, channels);
    float[] result = new float[2 * channels];
    for (int c = 0; c < 2 * channels; c++) {
      double total = 0;
      for (int p = 0; p < tiles.parts; p++) {
        total += partial[p * 2 * channels + c];
      }
      result[c] = (float) (c < channels ? total : total * scale[c - channels]);
    }
    sums.writeFloats().put(0, result, 0, 2 * channels);
  }

  /** Adds Σ g and Σ g·(x − mean) of one part, each channel's, to {@code sums} from an offset on. */
  static void partSums(
      RowTiles tiles, Images x, int part, float[] mean, Images gradient, Images rectified,
      double[] sums, int offset) {
    Stage stage = Stage.get();
    int tile = tiles.tile();
    float[] values = stage.floats(0, tile);
    float[] g = stage.floats(1, tile);
    float[] plain = stage.zeros(2, tile);
    float[] weighted = stage.zeros(3, tile);
    float[] gate = stage.floats(4, tile);
    tiles.each(part, (start, n) -> {
      x.get(start, n, values, tiles.half());
      gradient.get(start, n, g, tiles.half());
      if (rectified != null) {
        rectified.get(start, n, gate, tiles.half());
      }
      tiles.over(n, (from, to) -> {
        if (rectified == null) {
          gradientSums(values, mean, g, plain, weighted, from, to);
        } else {
          maskedGradientSums(values, mean, g, gate, plain, weighted, from, to);
        }
      });
    });
    tiles.fold(plain, tile, sums, offset);
    tiles.fold(weighted, tile, sums, offset + tiles.channels);
  }

  private static void gradientSums(
      float[] x, float[] mean, float[] g, float[] plain, float[] weighted, int from, int to) {
    for (int i = from; i < to; i++) {
      plain[i] += g[i];
      weighted[i] = Math.fma(g[i], x[i] - mean[i], weighted[i]);
    }
  }

  private static void maskedGradientSums(
      float[] x, float[] mean, float[] g, float[] y, float[] plain, float[] weighted, int from,
      int to) {
    for (int i = from; i < to; i++) {
      float masked = g[i] * Math.min(1, y[i] * HUGE * HUGE);
      plain[i] += masked;
      weighted[i] = Math.fma(masked, x[i] - mean[i], weighted[i]);
    }
  }

  static void gradInput(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer gradY, HostBuffer y,
      HostBuffer sums, double epsilon, HostBuffer gradX, int rows, int channels) {
    Images source = Images.read(x, x.type());
    Images gradient = Images.read(gradY, x.type());
    Images rectified = Images.readIfAny(y, x.type());
    Images target = Images.write(gradX, x.type());
    RowTiles tiles = new RowTiles(rows, channels, source.paired());
    double[] deviation = inverseDeviations(statistics, epsilon, channels);
    double[] gammas = channel(gamma, 0, channels);
    double[] plain = channel(sums, 0, channels);
    double[] weighted = channel(sums, channels, channels);
    for (int c = 0; c < channels; c++) {
      double scale = gammas[c] * deviation[c];
      gammas[c] = scale;
      plain[c] *= -scale / rows;
      weighted[c] *= -scale * deviation[c] / rows;
    }
    float[] mean = tiles.spread(channel(statistics, 0, channels));
    float[] ofGradient = tiles.spread(gammas);
    float[] ofInput = tiles.spread(weighted);
    float[] constant = tiles.spread(plain);
    Combination combination = new Combination(mean, ofInput, constant, ofGradient);
    Parallel.run(
        tiles.parts,
        p -> partGradInput(tiles, source, p, combination, gradient, rectified, target));
  }

  /** Of what an input gradient is made: (x − mean)·ofInput + constant + g·ofGradient. */
  record Combination(float[] mean, float[] ofInput, float[] constant, float[] ofGradient) {}

  /** The input gradient of one part, the combination's numbers repeated over a tile. */
  static void partGradInput(
      RowTiles tiles, Images x, int part, Combination by, Images gradient, Images rectified,
      Images gradX) {
    Stage stage = Stage.get();
    float[] values = stage.floats(0, tiles.tile());
    float[] g = stage.floats(1, tiles.tile());
    float[] gate = stage.floats(2, tiles.tile());
    tiles.each(part, (start, n) -> {
      x.get(start, n, values, tiles.half());
      gradient.get(start, n, g, tiles.half());
      if (rectified != null) {
        rectified.get(start, n, gate, tiles.half());
      }
      tiles.over(n, (from, to) -> {
        if (rectified == null) {
          combine(values, by, g, from, to);
        } else {
          combineMasked(values, by, g, gate, from, to);
        }
      });
      gradX.put(start, n, values, tiles.half());
    });
  }

  /** x = (x − mean)·ofInput + constant + g·ofGradient. */
  private static void combine(float[] x, Combination by, float[] g, int from, int to) {
    float[] mean = by.mean;
    float[] ofInput = by.ofInput;
    float[] constant = by.constant;
    float[] ofGradient = by.ofGradient;
    for (int i = from; i < to; i++) {
      float rest = Math.fma(x[i] - mean[i], ofInput[i], constant[i]);
      x[i] = Math.fma(g[i], ofGradient[i], rest);
    }
  }

  /** The same, with g where y &gt; 0 only. */
  private static void combineMasked(
      float[] x, Combination by, float[] g, float[] y, int from, int to) {
    float[] mean = by.mean;
    float[] ofInput = by.ofInput;
    float[] constant = by.constant;
    float[] ofGradient = by.ofGradient;
    for (int i = from; i < to; i++) {
      float rest = Math.fma(x[i] - mean[i], ofInput[i], constant[i]);
      float masked = g[i] * Math.min(1, y[i] * HUGE * HUGE);
      x[i] = Math.fma(masked, ofGradient[i], rest);
    }
  }

  private static double[] inverseDeviations(HostBuffer statistics, double epsilon, int channels) {
    double[] values = channel(statistics, channels, channels);
    for (int c = 0; c < channels; c++) {
      values[c] = 1 / Math.sqrt(values[c] + epsilon);
    }
    return values;
  }

  /** {@code channels} numbers from {@code offset} on. */
  static double[] channel(HostBuffer buffer, int offset, int channels) {
    FloatBuffer source = buffer.floats();
    double[] values = new double[channels];
    for (int c = 0; c < channels; c++) {
      values[c] = source.get(offset + c);
    }
    return values;
  }
}
