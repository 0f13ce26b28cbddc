package io.sagitta.engine.ops;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * Layer normalisation (Ba, Kiros and Hinton, 2016): y = (x − μ)/√(σ² + ε)·γ + β with the mean μ and
 * biased variance σ² of each row. A composition, whose parts have every rule.
 */
public final class LayerNorm {
  private LayerNorm() {}

  /**
   * Normalises the last axis.
   *
   * @param x [N, C]
   * @param gamma [C]
   * @param beta [C]
   */
  public static Tensor layerNorm(Tensor x, Tensor gamma, Tensor beta, double epsilon) {
    Rows.check("layer_norm", x.shape());
    return Tensor.tidy(
        () -> {
          Shape row = x.shape().with(-1, 1);
          double share = 1.0 / x.shape().dim(-1);
          Tensor centred = x.sub(x.sumTo(row).mul(share));
          Tensor variance = centred.square().sumTo(row).mul(share);
          Tensor scale = variance.add(epsilon).sqrt().reciprocal();
          return centred.mul(scale).mul(gamma).add(beta);
        });
  }
}
