package io.sagitta.kernels.reference;

import io.sagitta.kernels.GroupNormGeometry;

/**
 * Group normalisation of [samples, rows, channels]; statistics are [samples, 2, groups], sums
 * [samples, 2, channels].
 */
final class GroupNormLoops {
  private GroupNormLoops() {}

  static void statistics(GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics) {
    statistics.fill(0);
    double count = g.groupElements();
    for (long i = 0; i < g.elements(); i++) {
      statistics.add(mean(g, i), x.get(i) / count);
    }
    for (long i = 0; i < g.elements(); i++) {
      double deviation = x.get(i) - statistics.get(mean(g, i));
      statistics.add(mean(g, i) + g.groups(), deviation * deviation / count);
    }
  }

  static void apply(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gamma,
      ReferenceBuffer beta, ReferenceBuffer residual, boolean relu, double epsilon,
      ReferenceBuffer y) {
    for (long i = 0; i < g.elements(); i++) {
      long c = i % g.channels();
      double sum = normalised(g, x, statistics, epsilon, i) * gamma.get(c) + beta.get(c);
      sum += residual == null ? 0 : residual.get(i);
      y.set(i, relu ? Math.max(sum, 0) : sum);
    }
  }

  static void sums(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gradY,
      ReferenceBuffer y, double epsilon, ReferenceBuffer sums) {
    sums.fill(0);
    for (long i = 0; i < g.elements(); i++) {
      double gradient = rectified(gradY, y, i);
      sums.add(sum(g, i), gradient);
      sums.add(
          sum(g, i) + g.channels(), gradient * normalised(g, x, statistics, epsilon, i));
    }
  }

  static void gradInput(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gamma,
      ReferenceBuffer gradY, ReferenceBuffer y, ReferenceBuffer sums, double epsilon,
      ReferenceBuffer gradX) {
    for (long i = 0; i < g.elements(); i++) {
      int c = (int) (i % g.channels());
      int first = c / g.groupChannels() * g.groupChannels();
      double plain = 0;
      double weighted = 0;
      for (int k = first; k < first + g.groupChannels(); k++) {
        long at = sum(g, i) - c + k;
        plain += gamma.get(k) * sums.get(at);
        weighted += gamma.get(k) * sums.get(at + g.channels());
      }
      double xHat = normalised(g, x, statistics, epsilon, i);
      double inner =
          gamma.get(c) * rectified(gradY, y, i)
              - plain / g.groupElements()
              - xHat * weighted / g.groupElements();
      gradX.set(i, inner / deviation(g, statistics, epsilon, i));
    }
  }

  /** Where element i's group has its mean; the variance lies {@code groups} further. */
  private static long mean(GroupNormGeometry g, long i) {
    return i / g.sampleElements() * 2 * g.groups() + i % g.channels() / g.groupChannels();
  }

  /** Where element i's channel has its first sum; the second lies {@code channels} further. */
  private static long sum(GroupNormGeometry g, long i) {
    return i / g.sampleElements() * 2 * g.channels() + i % g.channels();
  }

  private static double deviation(
      GroupNormGeometry g, ReferenceBuffer statistics, double epsilon, long i) {
    return Math.sqrt(statistics.get(mean(g, i) + g.groups()) + epsilon);
  }

  private static double normalised(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, double epsilon, long i) {
    return (x.get(i) - statistics.get(mean(g, i))) / deviation(g, statistics, epsilon, i);
  }

  private static double rectified(ReferenceBuffer gradY, ReferenceBuffer y, long i) {
    return y == null || y.get(i) > 0 ? gradY.get(i) : 0;
  }
}
