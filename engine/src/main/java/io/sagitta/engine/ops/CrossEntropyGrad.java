package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * y[r] = weight[r]·(softmax(x[r]) − onehot(label[r])); takes (x, weight, labels). x: [N, K];
 * weight: [N]; labels: [N] indices; y: [N, K]. With p the softmax, its derivative in x is
 * weight·(diag(p) − p·pᵀ).
 */
public final class CrossEntropyGrad extends Op {
  /** The op; it has no attributes. */
  public static final CrossEntropyGrad INSTANCE = new CrossEntropyGrad();

  private CrossEntropyGrad() {}

  @Override
  public String name() {
    return "cross_entropy_grad";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    CrossEntropy.checkRows(name(), inputs[0], "weight", inputs[1]);
    CrossEntropy.checkRows(name(), inputs[0], "labels", inputs[2]);
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    output.backend().crossEntropyGrad(
        inputs[0].buffer(), inputs[2].buffer(), inputs[1].buffer(), output.buffer(), shape.dim(0),
        shape.dim(1));
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Tensor weight = column(inputs[1]);
    return Tangents.add(
        tangents[0] == null
            ? null
            : product(inputs[0], tangents[0]).mul(weight),
        tangents[1] == null ? null : apply(inputs[0], tangents[1], inputs[2]));
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor byLogits = null;
    Tensor byWeight = null;
    if (needed[0]) {
      byLogits = product(inputs[0], gradient).mul(column(inputs[1]));
    }
    if (needed[1]) {
      Tensor ones = Tensor.full(output.backend(), inputs[1].shape(), 1);
      byWeight = apply(inputs[0], ones, inputs[2]).mul(gradient).sum(1);
    }
    return new Tensor[] {byLogits, byWeight, null};
  }

  /**
   * (diag(p) − p·pᵀ)·t for each row, of t less its mean under p. That changes nothing but rounding:
   * where one p is close to 1, its t and the mean agree in more digits than single precision has, and
   * what is left of both is all there is of the curvature.
   */
  private static Tensor product(Tensor x, Tensor t) {
    Tensor p = Softmax.softmax(x);
    Tensor mean = p.mul(t).sumTo(x.shape().with(-1, 1));
    return Softmax.product(p, t.sub(mean));
  }

  private static Tensor column(Tensor weight) {
    return weight.reshape(Shape.of(weight.shape().dim(0), 1));
  }
}
