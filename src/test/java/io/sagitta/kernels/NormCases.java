package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Batch normalisation. */
final class NormCases {
  private static final boolean[] BOTH = {false, true};
  private static final double EPSILON = 1e-5;

  /** rows, channels. */
  private static final int[][] SHAPES = {
    {1, 1}, {1, 5}, {2, 3}, {33, 17}, {64, 16}, {65, 1}, {129, 64}, {5000, 8}, {257, 33},
    {40, 260}, {0, 4}
  };

  private NormCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("batchNormStatistics", "every shape", NormCases::statistics),
        new ConformanceCase(
            "batchNormStatistics", "keeps digits far from zero", NormCases::offCentre),
        new ConformanceCase("batchNormStatistics", "of drifting rows", NormCases::drift),
        new ConformanceCase("moveStatistics", "a tenth of the way", NormCases::move),
        new ConformanceCase("batchNormApply", "every shape, fused or not", NormCases::apply),
        new ConformanceCase("batchNormSums", "every shape, rectified or not", NormCases::sums),
        new ConformanceCase(
            "batchNormGradInput", "every shape, rectified or not", NormCases::gradInput));
  }

  private static void statistics(Duel d) {
    for (int[] s : SHAPES) {
      Duel.Pair x = d.normal((long) s[0] * s[1]);
      Duel.Pair statistics = d.output(2L * s[1]);
      d.run(on -> on.backend.batchNormStatistics(on.at(x), on.at(statistics), s[0], s[1]));
      double[] ones = new double[2 * s[1]];
      Arrays.fill(ones, 1);
      d.check(what(s), statistics, d.elementwise().summing(s[0]), ones);
    }
  }

  private static void offCentre(Duel d) {
    offCentre(d, 4097, 5);
    offCentre(d, 4097, 8);
    Duel.Pair same = d.of(filled(1000, 3.3));
    Duel.Pair flat = d.output(2);
    d.run(on -> on.backend.batchNormStatistics(on.at(same), on.at(flat), 1000, 1));
    d.check(
        "equal rows", flat,
        Tolerance.override(1e-6, 1e-9, "the variance of equal numbers is zero up to rounding"));
  }

  private static void offCentre(Duel d, int rows, int channels) {
    double[] values = d.normals(rows * channels);
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * 0.5 + 100 * (i % channels);
    }
    Duel.Pair x = d.of(values);
    Duel.Pair statistics = d.output(2 * channels);
    d.run(on -> on.backend.batchNormStatistics(on.at(x), on.at(statistics), rows, channels));
    d.check(
        "means up to 700, deviation 0.5, of " + channels, statistics,
        Tolerance.override(2e-4, 0, "centring in float32 costs a deviation's digits, not all"));
  }

  /** Early and late rows have other means, which tells whether parts are put together rightly. */
  private static void drift(Duel d) {
    int rows = 50_021;
    int channels = 3;
    double[] values = d.normals(rows * channels);
    for (int i = 0; i < values.length; i++) {
      values[i] += 20.0 * i / values.length;
    }
    Duel.Pair x = d.of(values);
    Duel.Pair statistics = d.output(2 * channels);
    d.run(on -> on.backend.batchNormStatistics(on.at(x), on.at(statistics), rows, channels));
    d.check("drifting rows", statistics, d.elementwise().summing(100));
  }

  private static void move(Duel d) {
    for (int channels : new int[] {0, 1, 5, 64, 515}) {
      Duel.Pair mean = d.normal(channels);
      Duel.Pair variance = d.uniform(channels, 0, 4);
      Duel.Pair runningMean = d.normal(channels);
      Duel.Pair runningVariance = d.uniform(channels, 0, 4);
      d.runOnMagnitudesToo(
          on ->
              on.backend.moveStatistics(
                  on.at(mean), on.at(variance), 0.1, 1.25, on.at(runningMean),
                  on.at(runningVariance)));
      d.check("means of " + channels, runningMean, d.elementwise());
      d.check("variances of " + channels, runningVariance, d.elementwise());
    }
  }

  private static void apply(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean relu : BOTH) {
        for (boolean add : BOTH) {
          long size = (long) s[0] * s[1];
          Duel.Pair x = d.normal(size);
          Duel.Pair statistics = statistics(d, s[1]);
          Duel.Pair gamma = d.normal(s[1]);
          Duel.Pair beta = d.normal(s[1]);
          Duel.Pair residual = add ? d.normal(size) : null;
          Duel.Pair y = d.output(size);
          d.run(
              on ->
                  on.backend.batchNormApply(
                      on.at(x), on.at(statistics), on.at(gamma), on.at(beta),
                      add ? on.at(residual) : null, relu, EPSILON, on.at(y), s[0], s[1]));
          d.check(what(s) + ", relu " + relu + ", residual " + add, y, terms());
        }
      }
    }
  }

  private static void sums(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean rectified : BOTH) {
        Duel.Pair x = d.normal((long) s[0] * s[1]);
        Duel.Pair statistics = statistics(d, s[1]);
        Duel.Pair gradY = d.normal(x.size());
        Duel.Pair y = rectified ? output(d, x.size()) : null;
        Duel.Pair sums = d.output(2L * s[1]);
        d.run(
            on ->
                on.backend.batchNormSums(
                    on.at(x), on.at(statistics), on.at(gradY), rectified ? on.at(y) : null,
                    EPSILON, on.at(sums), s[0], s[1]));
        double[] scale = new double[2 * s[1]];
        Arrays.fill(scale, 5.0 * s[0]);
        d.check(what(s) + ", rectified " + rectified, sums, d.elementwise(), scale);
      }
    }
  }

  private static void gradInput(Duel d) {
    for (int[] s : SHAPES) {
      for (boolean rectified : BOTH) {
        Duel.Pair x = d.normal((long) s[0] * s[1]);
        Duel.Pair statistics = statistics(d, s[1]);
        Duel.Pair gamma = d.normal(s[1]);
        Duel.Pair gradY = d.normal(x.size());
        Duel.Pair y = rectified ? output(d, x.size()) : null;
        Duel.Pair sums = d.uniform(2L * s[1], -s[0], s[0]);
        Duel.Pair gradX = d.output(x.size());
        d.run(
            on ->
                on.backend.batchNormGradInput(
                    on.at(x), on.at(statistics), on.at(gamma), on.at(gradY),
                    rectified ? on.at(y) : null, on.at(sums), EPSILON, on.at(gradX), s[0], s[1]));
        d.check(what(s) + ", rectified " + rectified, gradX, terms());
      }
    }
  }

  /** Means near 0 and variances from a half to 2. */
  private static Duel.Pair statistics(Duel d, int channels) {
    double[] means = d.normals(channels);
    double[] both = Arrays.copyOf(means, 2 * channels);
    for (int c = 0; c < channels; c++) {
      both[channels + c] = 0.5 + 1.5 * c / channels;
    }
    return d.of(both);
  }

  /** A rectifier's output: half of it zeros. */
  static Duel.Pair output(Duel d, int size) {
    double[] values = d.normals(size);
    for (int i = 0; i < size; i++) {
      values[i] = Math.max(values[i], 0);
    }
    return d.of(values);
  }

  static Tolerance terms() {
    return Tolerance.override(
        2e-6, 5e-6, "a sum of terms up to 10, whose error is measured by the terms");
  }

  private static double[] filled(int size, double value) {
    double[] values = new double[size];
    Arrays.fill(values, value);
    return values;
  }

  private static String what(int[] s) {
    return s[0] + " rows of " + s[1];
  }
}
