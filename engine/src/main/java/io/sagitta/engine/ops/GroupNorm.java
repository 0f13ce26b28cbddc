package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.GroupNormGeometry;

/**
 * Group normalisation of [N, …, C] (Wu and He, "Group Normalization", ECCV 2018): the channels of
 * each sample are cut into groups of neighbours, each normalised by its own mean and variance, so
 * that no sample depends on another. What usually follows comes with it: an addition and a rectifier.
 */
public final class GroupNorm {
  private GroupNorm() {}

  /**
   * y = act((x − μ)/√(σ² + ε)·γ + β + r), with μ and σ² of each sample's groups; derivatives pass
   * through them.
   *
   * @param gamma γ, [C], and so is {@code beta}
   * @param groups how many; they divide C
   * @param residual r, of x's shape, or null
   */
  public static Tensor groupNorm(
      Tensor x, Tensor gamma, Tensor beta, int groups, Tensor residual, boolean relu,
      double epsilon) {
    DenseTensor statistics = statistics(x, groups);
    GroupNormAct op = new GroupNormAct(epsilon, relu);
    return residual == null
        ? op.apply(x, gamma, beta, statistics)
        : op.apply(x, gamma, beta, statistics, residual);
  }

  /**
   * The mean and biased variance of each group, without derivative.
   *
   * @return [N, 2, groups]: means, then variances
   */
  public static DenseTensor statistics(Tensor x, int groups) {
    Shape shape = Shape.of(x.shape().dim(0), 2, groups);
    DenseTensor statistics = DenseTensor.allocate(x.backend(), shape);
    x.backend().groupNormStatistics(
        geometry("group_norm", x.shape(), shape), x.value().wide().buffer(), statistics.buffer());
    return statistics;
  }

  /** The sizes, if the shapes fit. */
  static GroupNormGeometry geometry(String op, Shape x, Shape statistics) {
    if (x.rank() < 2 || statistics.rank() != 3 || statistics.dim(0) != x.dim(0)
        || statistics.dim(1) != 2) {
      throw new IllegalArgumentException(
          op + ": expected [N, …, C] and statistics [N, 2, groups], got " + x + " and "
              + statistics);
    }
    int rows = Math.toIntExact(x.elements(1, x.rank() - 1));
    return new GroupNormGeometry(x.dim(0), rows, x.dim(-1), statistics.dim(2));
  }

  /** The normalised x, [N, rows, groups, C/groups], from its own moments, as a composition. */
  static Tensor normalized(Tensor x, GroupNormGeometry g, double epsilon) {
    return centred(x, g).mul(inverseDeviation(x, g, epsilon));
  }

  /** 1/√(σ² + ε) of x's groups, [N, 1, groups, 1], as a composition. */
  static Tensor inverseDeviation(Tensor x, GroupNormGeometry g, double epsilon) {
    return centred(x, g).square().sumTo(perGroup(g)).mul(1.0 / g.groupElements()).add(epsilon)
        .sqrt().reciprocal();
  }

  private static Tensor centred(Tensor x, GroupNormGeometry g) {
    Tensor grouped = x.reshape(grouped(g));
    return grouped.sub(grouped.sumTo(perGroup(g)).mul(1.0 / g.groupElements()));
  }

  /** [N, rows, groups, C/groups]. */
  static Shape grouped(GroupNormGeometry g) {
    return Shape.of(g.samples(), g.rows(), g.groups(), g.groupChannels());
  }

  private static Shape perGroup(GroupNormGeometry g) {
    return Shape.of(g.samples(), 1, g.groups(), 1);
  }
}
