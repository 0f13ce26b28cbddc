package io.sagitta.kernels.host;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Batch normalisation of float32. Rows are taken by tiles, as many whole rows as fit a chunk, and
 * every channel's constants are repeated over a tile, so that the loops run flat over it however
 * few channels there are. Sums run position by position over the tiles of a part in float, a few
 * dozen terms each, and are folded into one double a channel.
 */
final class NormKernels implements BatchNormKernels {
  /**
   * min(1, y·HUGE·HUGE) is 1[y &gt; 0] for a rectifier's output, however small: C2 vectorises this,
   * but no selection. A gradient that is not finite is NaN where the indicator is 0.
   */
  private static final float HUGE = 0x1p100f;

  @Override
  public void statistics(HostBuffer x, HostBuffer statistics, int rows, int channels) {
    FloatBuffer source = x.floats();
    RowTiles tiles = new RowTiles(rows, channels);
    double[] means = new double[tiles.parts * channels];
    double[] squares = new double[tiles.parts * channels];
    Parallel.run(tiles.parts, p -> partStatistics(tiles, source, p, means, squares));
    double[] counts = new double[tiles.parts];
    Arrays.setAll(counts, tiles::partRows);
    NormChannels.putStatistics(counts, means, squares, channels, statistics);
  }

  /**
   * Mean and summed squared deviation of each channel over one part, from sums shifted by the mean
   * of the part's first tile, so that nothing cancels. Parts are merged after Chan, Golub and
   * LeVeque (1979).
   */
  static void partStatistics(
      RowTiles tiles, FloatBuffer x, int part, double[] means, double[] squares) {
    Stage stage = Stage.get();
    int tile = tiles.tile();
    int channels = tiles.channels;
    float[] values = stage.floats(0, tile);
    float[] shift = stage.floats(1, tile);
    float[] sums = stage.zeros(2, tile);
    float[] squareSums = stage.zeros(3, tile);
    double[] totals = stage.doubles(0, 2 * channels);
    int firstRows = Math.min(tiles.tileRows, tiles.partRows(part));
    x.get(part * tiles.partRows * channels, values, 0, firstRows * channels);
    Arrays.fill(totals, 0, 2 * channels, 0);
    tiles.fold(values, firstRows * channels, totals, 0);
    for (int c = 0; c < channels; c++) {
      shift[c] = (float) (totals[c] / firstRows);
    }
    Loops.repeat(shift, channels, tiles.tileRows);
    tiles.each(part, (start, n) -> {
      x.get(start, values, 0, n);
      moments(values, shift, sums, squareSums, n);
    });
    Arrays.fill(totals, 0, 2 * channels, 0);
    tiles.fold(sums, tile, totals, 0);
    tiles.fold(squareSums, tile, totals, channels);
    double count = tiles.partRows(part);
    for (int c = 0; c < channels; c++) {
      double off = totals[c] / count;
      means[part * channels + c] = shift[c] + off;
      squares[part * channels + c] = Math.max(0, totals[channels + c] - off * totals[c]);
    }
  }

  private static void moments(float[] x, float[] shift, float[] sums, float[] squares, int n) {
    for (int i = 0; i < n; i++) {
      float d = x[i] - shift[i];
      sums[i] += d;
      squares[i] = Math.fma(d, d, squares[i]);
    }
  }

  @Override
  public void apply(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer beta, HostBuffer residual,
      boolean relu, double epsilon, HostBuffer y, int rows, int channels) {
    RowTiles tiles = new RowTiles(rows, channels);
    NormChannels.Normal normal =
        NormChannels.normal(statistics, gamma, beta, epsilon, channels);
    float[] mean = tiles.spread(normal.mean());
    float[] scale = tiles.spread(normal.scale());
    float[] shift = tiles.spread(normal.shift());
    FloatBuffer source = x.floats();
    FloatBuffer added = residual == null ? null : residual.floats();
    FloatBuffer target = y.writeFloats();
    Parallel.run(
        tiles.parts,
        p -> partApply(tiles, source, p, mean, scale, shift, added, relu, target));
  }

  /** y = act((x − mean)·scale + shift + added) of one part, the numbers repeated over a tile. */
  static void partApply(
      RowTiles tiles, FloatBuffer x, int part, float[] mean, float[] scale, float[] shift,
      FloatBuffer added, boolean relu, FloatBuffer y) {
    float[] values = Stage.get().floats(0, tiles.tile());
    float[] others = Stage.get().floats(1, tiles.tile());
    tiles.each(part, (start, n) -> {
      x.get(start, values, 0, n);
      if (added == null) {
        normalise(values, mean, scale, shift, n);
      } else {
        added.get(start, others, 0, n);
        normaliseAndAdd(values, mean, scale, shift, others, n);
      }
      if (relu) {
        Loops.relu(values, n);
      }
      y.put(start, values, 0, n);
    });
  }

  /** x = (x − mean)·scale + shift; the mean goes first, while the difference is still exact. */
  private static void normalise(float[] x, float[] mean, float[] scale, float[] shift, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(x[i] - mean[i], scale[i], shift[i]);
    }
  }

  private static void normaliseAndAdd(
      float[] x, float[] mean, float[] scale, float[] shift, float[] added, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.fma(x[i] - mean[i], scale[i], shift[i]) + added[i];
    }
  }

  @Override
  public void sums(
      HostBuffer x, HostBuffer statistics, HostBuffer gradY, HostBuffer y, double epsilon,
      HostBuffer sums, int rows, int channels) {
    RowTiles tiles = new RowTiles(rows, channels);
    float[] mean = tiles.spread(NormChannels.numbers(statistics, 0, channels));
    FloatBuffer source = x.floats();
    FloatBuffer gradient = gradY.floats();
    FloatBuffer rectified = y == null ? null : y.floats();
    double[] partial = new double[tiles.parts * 2 * channels];
    Parallel.run(
        tiles.parts,
        p -> partSums(tiles, source, p, mean, gradient, rectified, partial, p * 2 * channels));
    NormChannels.putSums(partial, statistics, epsilon, channels, sums);
  }

  /** Adds Σ g and Σ g·(x − mean) of one part, each channel's, to {@code sums} from an offset on. */
  static void partSums(
      RowTiles tiles, FloatBuffer x, int part, float[] mean, FloatBuffer gradient,
      FloatBuffer rectified, double[] sums, int offset) {
    Stage stage = Stage.get();
    int tile = tiles.tile();
    float[] values = stage.floats(0, tile);
    float[] g = stage.floats(1, tile);
    float[] plain = stage.zeros(2, tile);
    float[] weighted = stage.zeros(3, tile);
    float[] gate = stage.floats(4, tile);
    tiles.each(part, (start, n) -> {
      x.get(start, values, 0, n);
      gradient.get(start, g, 0, n);
      if (rectified == null) {
        gradientSums(values, mean, g, plain, weighted, n);
      } else {
        rectified.get(start, gate, 0, n);
        maskedGradientSums(values, mean, g, gate, plain, weighted, n);
      }
    });
    tiles.fold(plain, tile, sums, offset);
    tiles.fold(weighted, tile, sums, offset + tiles.channels);
  }

  private static void gradientSums(
      float[] x, float[] mean, float[] g, float[] plain, float[] weighted, int n) {
    for (int i = 0; i < n; i++) {
      plain[i] += g[i];
      weighted[i] = Math.fma(g[i], x[i] - mean[i], weighted[i]);
    }
  }

  private static void maskedGradientSums(
      float[] x, float[] mean, float[] g, float[] y, float[] plain, float[] weighted, int n) {
    for (int i = 0; i < n; i++) {
      float masked = g[i] * Math.min(1, y[i] * HUGE * HUGE);
      plain[i] += masked;
      weighted[i] = Math.fma(masked, x[i] - mean[i], weighted[i]);
    }
  }

  @Override
  public void gradInput(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer gradY, HostBuffer y,
      HostBuffer sums, double epsilon, HostBuffer gradX, int rows, int channels) {
    RowTiles tiles = new RowTiles(rows, channels);
    NormChannels.Gradient by =
        NormChannels.gradient(statistics, gamma, sums, epsilon, rows, channels);
    Combination combination =
        new Combination(
            tiles.spread(by.mean()), tiles.spread(by.ofInput()), tiles.spread(by.constant()),
            tiles.spread(by.ofGradient()));
    FloatBuffer source = x.floats();
    FloatBuffer gradient = gradY.floats();
    FloatBuffer rectified = y == null ? null : y.floats();
    FloatBuffer target = gradX.writeFloats();
    Parallel.run(
        tiles.parts,
        p -> partGradInput(tiles, source, p, combination, gradient, rectified, target));
  }

  /** Of what an input gradient is made: (x − mean)·ofInput + constant + g·ofGradient. */
  record Combination(float[] mean, float[] ofInput, float[] constant, float[] ofGradient) {}

  /** The input gradient of one part, the combination's numbers repeated over a tile. */
  static void partGradInput(
      RowTiles tiles, FloatBuffer x, int part, Combination by, FloatBuffer gradient,
      FloatBuffer rectified, FloatBuffer gradX) {
    Stage stage = Stage.get();
    float[] values = stage.floats(0, tiles.tile());
    float[] g = stage.floats(1, tiles.tile());
    float[] gate = stage.floats(2, tiles.tile());
    tiles.each(part, (start, n) -> {
      x.get(start, values, 0, n);
      gradient.get(start, g, 0, n);
      if (rectified == null) {
        combine(values, by.mean, by.ofInput, by.constant, g, by.ofGradient, n);
      } else {
        rectified.get(start, gate, 0, n);
        combineMasked(values, by.mean, by.ofInput, by.constant, g, gate, by.ofGradient, n);
      }
      gradX.put(start, values, 0, n);
    });
  }

  /** x = (x − mean)·ofInput + constant + g·ofGradient. */
  private static void combine(
      float[] x, float[] mean, float[] ofInput, float[] constant, float[] g, float[] ofGradient,
      int n) {
    for (int i = 0; i < n; i++) {
      float rest = Math.fma(x[i] - mean[i], ofInput[i], constant[i]);
      x[i] = Math.fma(g[i], ofGradient[i], rest);
    }
  }

  /** The same, with g where y &gt; 0 only. */
  private static void combineMasked(
      float[] x, float[] mean, float[] ofInput, float[] constant, float[] g, float[] y,
      float[] ofGradient, int n) {
    for (int i = 0; i < n; i++) {
      float rest = Math.fma(x[i] - mean[i], ofInput[i], constant[i]);
      float masked = g[i] * Math.min(1, y[i] * HUGE * HUGE);
      x[i] = Math.fma(masked, ofGradient[i], rest);
    }
  }
}
