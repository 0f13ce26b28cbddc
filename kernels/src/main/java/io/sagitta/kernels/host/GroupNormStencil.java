package io.sagitta.kernels.host;

import io.sagitta.kernels.GroupNormGeometry;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Odd and even parts of central differences through group normalisation. With o and e less their
 * means over the group, c = x − μ and r = 1/√(σ² + ε), the variances (and ε) at x ± d are those at x
 * times 1 + u±, {@code u± = r²(2·mean(c·δ±) + mean(δ±²))}, {@code δ± = e/2 ± o}; the inverse
 * deviations there are r(1 + ρ±), {@code ρ = 1/√(1 + u) − 1 = −u/(s(1 + s))}, s = √(1 + u); and with
 * A = ρ₊ + ρ₋ and B = ρ₊ − ρ₋
 *
 * <pre>o′ = γr(o(1 + A/2) + (c/2 + e/4)B),   e′ = γr(e(1 + A/2) + oB + cA).</pre>
 *
 * <p>A sample is copied to heap arrays, which a second-level cache keeps, and gone through three
 * times: for the means of o and e, for those of the products, and for the results. As in {@link
 * NormKernels} constants are repeated over a tile of rows, sums run position by position over the
 * tiles in float and are folded into doubles. What is made of them, A and B above all, is computed in
 * double. An instance is one thread's.
 */
final class GroupNormStencil {
  /** Elements of a tile, where a row has no more: a dozen arrays fit a first-level cache. */
  private static final int TILE = 512;

  /** Elements of the samples that a thread takes at a time, where one has no more. */
  private static final int PART = 16384;

  /** As few elements as are added up one by one. */
  private static final int FEW = 128;

  private static final int CO = 0;
  private static final int OO = 1;
  private static final int CE = 2;
  private static final int OE = 3;
  private static final int EE = 4;

  private final GroupNormGeometry g;
  private final double epsilon;
  private final FloatBuffer x;
  private final FloatBuffer statistics;
  private final FloatBuffer odd;
  private final FloatBuffer even;
  private final RowTiles tiles;
  private final float[] gamma;

  /** Constants of the channels, repeated over a tile: μ and the means of o and e. */
  private final float[] meanX;

  private final float[] meanO;
  private final float[] meanE;

  /** The same: γr(1 + A/2), γrB and γrA. */
  private final float[] straight;

  private final float[] crossed;
  private final float[] bent;

  /** The sample's tiles of x, o and e, less their means; without even parts all e are one of zeros. */
  private final float[][] c;

  private final float[][] o;
  private final float[][] e;

  /** Sums position by position, then results. */
  private final float[][] tile;

  private final float[] scratch;

  /** Of each group, sum by sum. */
  private final double[] totals;

  private GroupNormStencil(
      GroupNormGeometry g, HostBuffer x, HostBuffer statistics, HostBuffer gamma, double epsilon,
      HostBuffer odd, HostBuffer even) {
    this.g = g;
    this.epsilon = epsilon;
    this.x = x.floats();
    this.statistics = statistics.floats();
    this.odd = odd.floats();
    this.even = even == null ? null : even.floats();
    this.tiles = new RowTiles(g.rows(), g.channels(), TILE);
    this.gamma = new float[g.channels()];
    gamma.floats().get(0, this.gamma);
    Stage stage = Stage.get();
    float[][] arrays = stage.rows(0, 7, tiles.tile());
    this.meanX = arrays[0];
    this.meanO = arrays[1];
    this.meanE = arrays[2];
    this.straight = arrays[3];
    this.crossed = arrays[4];
    this.bent = arrays[5];
    this.scratch = arrays[6];
    this.tile = stage.rows(1, EE + 1, tiles.tile());
    this.totals = stage.doubles(0, (EE + 1) * g.groups());
    int count = (g.rows() - 1) / tiles.tileRows + 1;
    this.c = stage.rows(2, count, tiles.tile());
    this.o = stage.rows(3, count, tiles.tile());
    if (even == null) {
      this.e = new float[count][];
      Arrays.fill(e, stage.zeros(0, tiles.tile()));
    } else {
      this.e = stage.rows(4, count, tiles.tile());
    }
  }

  static void run(
      GroupNormGeometry g, HostBuffer x, HostBuffer statistics, HostBuffer gamma, double epsilon,
      HostBuffer odd, HostBuffer even, HostBuffer oddY, HostBuffer evenY) {
    Math.toIntExact(g.elements());
    FloatBuffer oddTarget = oddY.writeFloats();
    FloatBuffer evenTarget = evenY.writeFloats();
    int grain = Math.toIntExact(Math.max(1, PART / g.sampleElements()));
    Parallel.ranges(g.samples(), grain, 1, (from, to) -> {
      GroupNormStencil kernel = new GroupNormStencil(g, x, statistics, gamma, epsilon, odd, even);
      for (int n = from; n < to; n++) {
        kernel.sample(n, oddTarget, evenTarget);
      }
    });
  }

  private void sample(int n, FloatBuffer oddTarget, FloatBuffer evenTarget) {
    int base = Math.toIntExact(n * g.sampleElements());
    addUp(even == null ? 1 : 2, (start, count) -> read(base + start, start / tiles.tile(), count));
    spreadMeans(n);
    addUp(even == null ? 2 : EE + 1, (start, count) -> centre(start / tiles.tile(), count));
    spreadFactors(n);
    for (int p = 0; p < tiles.parts; p++) {
      tiles.each(p, (start, count) -> {
        int k = start / tiles.tile();
        oddResult(tile[0], c[k], o[k], e[k], straight, crossed, count);
        evenResult(tile[1], c[k], o[k], e[k], straight, crossed, bent, count);
        oddTarget.put(base + start, tile[0], 0, count);
        evenTarget.put(base + start, tile[1], 0, count);
      });
    }
  }

  /** The groups' totals of what {@code tileSums} adds to the first {@code count} tiles of sums. */
  private void addUp(int count, RowTiles.Tile tileSums) {
    Arrays.fill(totals, 0, count * g.groups(), 0);
    for (int p = 0; p < tiles.parts; p++) {
      for (int k = 0; k < count; k++) {
        Arrays.fill(tile[k], 0, tiles.tile(), 0);
      }
      tiles.each(p, tileSums);
      for (int k = 0; k < count; k++) {
        fold(tile[k], k * g.groups());
      }
    }
  }

  /** Takes the k-th tile, and adds o and e to their sums. */
  private void read(int start, int k, int n) {
    x.get(start, c[k], 0, n);
    odd.get(start, o[k], 0, n);
    Loops.add(tile[0], o[k], n);
    if (even != null) {
      even.get(start, e[k], 0, n);
      Loops.add(tile[1], e[k], n);
    }
  }

  /** Takes the means off the k-th tile, and adds products to their sums. */
  private void centre(int k, int n) {
    Loops.subtract(c[k], meanX, n);
    Loops.subtract(o[k], meanO, n);
    addProduct(tile[CO], c[k], o[k], n);
    addProduct(tile[OO], o[k], o[k], n);
    if (even != null) {
      Loops.subtract(e[k], meanE, n);
      addProduct(tile[CE], c[k], e[k], n);
      addProduct(tile[OE], o[k], e[k], n);
      addProduct(tile[EE], e[k], e[k], n);
    }
  }

  private static void addProduct(float[] sum, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] = Math.fma(a[i], b[i], sum[i]);
    }
  }

  private static void oddResult(
      float[] y, float[] c, float[] o, float[] e, float[] straight, float[] crossed, int n) {
    for (int i = 0; i < n; i++) {
      float between = Math.fma(0.25f, e[i], 0.5f * c[i]);
      y[i] = Math.fma(between, crossed[i], o[i] * straight[i]);
    }
  }

  private static void evenResult(
      float[] y, float[] c, float[] o, float[] e, float[] straight, float[] crossed, float[] bent,
      int n) {
    for (int i = 0; i < n; i++) {
      float sum = Math.fma(o[i], crossed[i], c[i] * bent[i]);
      y[i] = Math.fma(e[i], straight[i], sum);
    }
  }

  /**
   * Adds a tile's numbers to their groups' totals: in pairs, the upper rows to the lower ones, until
   * few are left. The tile is overwritten.
   */
  private void fold(float[] numbers, int offset) {
    int width = g.groups() == 1 ? 1 : g.channels();
    int left = tiles.tile();
    while (left > FEW && left > width) {
      int lower = (left / width + 1) / 2 * width;
      System.arraycopy(numbers, lower, scratch, 0, left - lower);
      Loops.add(numbers, scratch, left - lower);
      left = lower;
    }
    int run = g.groups() == 1 ? left : g.groupChannels();
    for (int from = 0; from < left; from += run * g.groups()) {
      for (int group = 0; group < g.groups(); group++) {
        totals[offset + group] += Loops.sum(numbers, from + group * run, run);
      }
    }
  }

  private void spreadMeans(int n) {
    double share = 1.0 / g.groupElements();
    for (int group = 0; group < g.groups(); group++) {
      set(meanX, group, statistics.get(2 * n * g.groups() + group));
      set(meanO, group, (float) (totals[group] * share));
      if (even != null) {
        set(meanE, group, (float) (totals[g.groups() + group] * share));
      }
    }
    repeat(meanX);
    repeat(meanO);
    if (even != null) {
      repeat(meanE);
    }
  }

  private void spreadFactors(int n) {
    for (int group = 0; group < g.groups(); group++) {
      double variance = statistics.get((2 * n + 1) * g.groups() + group);
      double inverse = 1 / Math.sqrt(variance + epsilon);
      double scale = inverse * inverse / g.groupElements();
      double same = scale * total(OO, group);
      double opposite = scale * 2 * total(CO, group);
      if (even != null) {
        same += scale * (total(CE, group) + total(EE, group) / 4);
        opposite += scale * total(OE, group);
      }
      double least = epsilon * inverse * inverse - 1;
      double above = growth(Math.max(same + opposite, least));
      double below = growth(Math.max(same - opposite, least));
      set(straight, group, (float) (inverse * (1 + (above + below) / 2)));
      set(crossed, group, (float) (inverse * (above - below)));
      set(bent, group, (float) (inverse * (above + below)));
    }
    Loops.multiply(straight, gamma, g.channels());
    Loops.multiply(crossed, gamma, g.channels());
    Loops.multiply(bent, gamma, g.channels());
    repeat(straight);
    repeat(crossed);
    repeat(bent);
  }

  private double total(int sum, int group) {
    return totals[sum * g.groups() + group];
  }

  /** 1/√(1 + u) − 1. */
  private static double growth(double u) {
    double root = Math.sqrt(1 + u);
    return -u / (root * (1 + root));
  }

  /** Gives a group's channels a constant. */
  private void set(float[] constants, int group, float value) {
    int first = group * g.groupChannels();
    Arrays.fill(constants, first, first + g.groupChannels(), value);
  }

  private void repeat(float[] constants) {
    Loops.repeat(constants, g.channels(), tiles.tileRows);
  }
}
