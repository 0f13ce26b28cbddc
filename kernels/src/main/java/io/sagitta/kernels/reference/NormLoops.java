package io.sagitta.kernels.reference;

/** Batch normalisation over rows of channels; statistics and sums are [2, channels]. */
final class NormLoops {
  private NormLoops() {}

  static void statistics(ReferenceBuffer x, ReferenceBuffer statistics, long rows, int channels) {
    for (int c = 0; c < channels; c++) {
      double sum = 0;
      for (long r = 0; r < rows; r++) {
        sum += x.get(r * channels + c);
      }
      double mean = sum / rows;
      double squares = 0;
      for (long r = 0; r < rows; r++) {
        double deviation = x.get(r * channels + c) - mean;
        squares += deviation * deviation;
      }
      statistics.set(c, mean);
      statistics.set(channels + c, squares / rows);
    }
  }

  static void apply(
      ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gamma, ReferenceBuffer beta,
      ReferenceBuffer residual, boolean relu, double epsilon, ReferenceBuffer y, long rows,
      int channels) {
    for (long i = 0; i < rows * channels; i++) {
      int c = (int) (i % channels);
      double sum = normalised(x, statistics, epsilon, i, channels) * gamma.get(c) + beta.get(c);
      sum += residual == null ? 0 : residual.get(i);
      y.set(i, relu ? Math.max(sum, 0) : sum);
    }
  }

  static void sums(
      ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gradY, ReferenceBuffer y,
      double epsilon, ReferenceBuffer sums, long rows, int channels) {
    sums.fill(0);
    for (long i = 0; i < rows * channels; i++) {
      int c = (int) (i % channels);
      double g = rectified(gradY, y, i);
      sums.add(c, g);
      sums.add(channels + c, g * normalised(x, statistics, epsilon, i, channels));
    }
  }

  static void gradInput(
      ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gamma, ReferenceBuffer gradY,
      ReferenceBuffer y, ReferenceBuffer sums, double epsilon, ReferenceBuffer gradX, long rows,
      int channels) {
    for (long i = 0; i < rows * channels; i++) {
      int c = (int) (i % channels);
      double scale = gamma.get(c) / Math.sqrt(statistics.get(channels + c) + epsilon);
      double xHat = normalised(x, statistics, epsilon, i, channels);
      double meanG = sums.get(c) / rows;
      double meanGx = sums.get(channels + c) / rows;
      gradX.set(i, scale * (rectified(gradY, y, i) - meanG - xHat * meanGx));
    }
  }

  private static double normalised(
      ReferenceBuffer x, ReferenceBuffer statistics, double epsilon, long i, int channels) {
    int c = (int) (i % channels);
    return (x.get(i) - statistics.get(c)) / Math.sqrt(statistics.get(channels + c) + epsilon);
  }

  private static double rectified(ReferenceBuffer gradY, ReferenceBuffer y, long i) {
    return y == null || y.get(i) > 0 ? gradY.get(i) : 0;
  }
}
