package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * Batch normalisation over the channels of [N, H, W, C] or [N, C] (Ioffe and Szegedy, 2015), with
 * what usually follows it: an addition and a rectifier.
 */
public final class BatchNorm {
  private BatchNorm() {}

  /**
   * The mean and biased variance of each channel, without derivative.
   *
   * @return [2, C]: means, then variances
   */
  public static DenseTensor statistics(Tensor x) {
    int channels = x.shape().dim(-1);
    DenseTensor statistics = DenseTensor.allocate(x.backend(), Shape.of(2, channels));
    x.backend().batchNormStatistics(
        x.value().buffer(), statistics.buffer(), x.shape().elements() / channels, channels);
    return statistics;
  }

  /**
   * y = act((x − μ)/√(σ² + ε)·γ + β + r), with μ and σ² of this batch; derivatives pass through
   * them.
   *
   * @param statistics what {@link #statistics} says of x
   * @param residual r, of x's shape, or null
   */
  public static Tensor train(
      Tensor x, Tensor gamma, Tensor beta, DenseTensor statistics, Tensor residual, boolean relu,
      double epsilon) {
    BatchNormAct op = new BatchNormAct(epsilon, relu);
    return residual == null
        ? op.apply(x, gamma, beta, statistics)
        : op.apply(x, gamma, beta, statistics, residual);
  }

  /** The normalised x, from its own mean and variance, as a composition. */
  static Tensor normalized(Tensor x, double epsilon) {
    Shape channels = Shape.of(x.shape().dim(-1));
    double scale = (double) channels.elements() / x.shape().elements();
    Tensor centred = x.sub(x.sumTo(channels).mul(scale));
    Tensor variance = centred.square().sumTo(channels).mul(scale);
    return centred.div(variance.add(epsilon).sqrt());
  }

  /** 1/√(σ² + ε) of x's channels, as a composition. */
  static Tensor inverseDeviation(Tensor x, double epsilon) {
    Shape channels = Shape.of(x.shape().dim(-1));
    double scale = (double) channels.elements() / x.shape().elements();
    Tensor centred = x.sub(x.sumTo(channels).mul(scale));
    return centred.square().sumTo(channels).mul(scale).add(epsilon).sqrt().reciprocal();
  }

  static void check(String op, Shape x, Shape... perChannel) {
    if (x.rank() < 2 || x.elements() == 0) {
      throw new IllegalArgumentException(
          op + ": expected [N, …, C] with at least one element, got " + x);
    }
    for (Shape shape : perChannel) {
      if (!shape.equals(Shape.of(x.dim(-1)))) {
        throw new IllegalArgumentException(
            op + ": expected [" + x.dim(-1) + "] per channel of " + x + ", got " + shape);
      }
    }
  }

  static void checkStatistics(String op, Shape x, Shape statistics) {
    checkShape(op, "statistics", Shape.of(2, x.dim(-1)), statistics);
  }

  static void checkShape(String op, String argument, Shape expected, Shape got) {
    if (!expected.equals(got)) {
      throw new IllegalArgumentException(
          op + ": " + argument + ": expected shape " + expected + ", got " + got);
    }
  }

  static long rows(Shape x) {
    return x.elements(0, x.rank() - 1);
  }
}
