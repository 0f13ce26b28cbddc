package io.sagitta.kernels.host;

import java.nio.FloatBuffer;

/** The numbers of each channel that batch normalisation works with, in float64. */
final class NormChannels {
  private NormChannels() {}

  /**
   * Sets mean and biased variance of each channel from those of parts, merged in order after Chan,
   * Golub and LeVeque (1979).
   *
   * @param counts rows of each part
   * @param means of each part and channel
   * @param squares summed squared deviations of each part and channel
   */
  static void putStatistics(
      double[] counts, double[] means, double[] squares, int channels, HostBuffer statistics) {
    float[] result = new float[2 * channels];
    for (int c = 0; c < channels; c++) {
      double count = 0;
      double mean = 0;
      double square = 0;
      for (int p = 0; p < counts.length; p++) {
        double more = counts[p];
        double share = more / (count + more);
        double delta = means[p * channels + c] - mean;
        mean += delta * share;
        square += squares[p * channels + c] + delta * delta * count * share;
        count += more;
      }
      result[c] = (float) mean;
      result[channels + c] = (float) (square / count);
    }
    statistics.writeFloats().put(0, result, 0, 2 * channels);
  }

  /** How a channel is normalised: (x − mean)·scale + shift. */
  record Normal(double[] mean, double[] scale, double[] shift) {}

  static Normal normal(
      HostBuffer statistics, HostBuffer gamma, HostBuffer beta, double epsilon, int channels) {
    double[] scale = inverseDeviations(statistics, epsilon, channels);
    double[] gammas = numbers(gamma, 0, channels);
    for (int c = 0; c < channels; c++) {
      scale[c] *= gammas[c];
    }
    return new Normal(numbers(statistics, 0, channels), scale, numbers(beta, 0, channels));
  }

  /** Of what an input gradient is made: (x − mean)·ofInput + constant + g·ofGradient. */
  record Gradient(double[] mean, double[] ofInput, double[] constant, double[] ofGradient) {}

  static Gradient gradient(
      HostBuffer statistics, HostBuffer gamma, HostBuffer sums, double epsilon, int rows,
      int channels) {
    double[] deviation = inverseDeviations(statistics, epsilon, channels);
    double[] scale = numbers(gamma, 0, channels);
    double[] plain = numbers(sums, 0, channels);
    double[] weighted = numbers(sums, channels, channels);
    for (int c = 0; c < channels; c++) {
      scale[c] *= deviation[c];
      plain[c] *= -scale[c] / rows;
      weighted[c] *= -scale[c] * deviation[c] / rows;
    }
    return new Gradient(numbers(statistics, 0, channels), weighted, plain, scale);
  }

  /**
   * Sets the sums of a backward pass, added up over parts in order.
   *
   * @param partial of each part: Σ g of each channel, then Σ g·(x − mean)
   */
  static void putSums(
      double[] partial, HostBuffer statistics, double epsilon, int channels, HostBuffer sums) {
    double[] totals = new double[2 * channels];
    for (int i = 0; i < partial.length; i++) {
      totals[i % totals.length] += partial[i];
    }
    double[] scale = inverseDeviations(statistics, epsilon, channels);
    float[] result = new float[2 * channels];
    for (int c = 0; c < channels; c++) {
      result[c] = (float) totals[c];
      result[channels + c] = (float) (totals[channels + c] * scale[c]);
    }
    sums.writeFloats().put(0, result, 0, 2 * channels);
  }

  private static double[] inverseDeviations(HostBuffer statistics, double epsilon, int channels) {
    double[] values = numbers(statistics, channels, channels);
    for (int c = 0; c < channels; c++) {
      values[c] = 1 / Math.sqrt(values[c] + epsilon);
    }
    return values;
  }

  /** One number a channel, in each of some rows. */
  static float[] spread(double[] perChannel, int channels, int rows) {
    float[] all = new float[channels * rows];
    for (int c = 0; c < channels; c++) {
      all[c] = (float) perChannel[c];
    }
    Loops.repeat(all, channels, rows);
    return all;
  }

  /** Adds the first {@code n} numbers of whole rows to their channels' totals. */
  static void fold(float[] rows, int n, int channels, double[] totals, int offset) {
    for (int i = 0; i < n; i += channels) {
      for (int c = 0; c < channels; c++) {
        totals[offset + c] += rows[i + c];
      }
    }
  }

  /** {@code count} numbers from {@code offset} on. */
  static double[] numbers(HostBuffer buffer, int offset, int count) {
    FloatBuffer source = buffer.floats();
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = source.get(offset + i);
    }
    return values;
  }
}
