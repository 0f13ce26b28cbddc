package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dual;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;

/**
 * p = softmax(x) over the last axis. Its Jacobian diag(p) − p·pᵀ is symmetric: one rule is both.
 */
public final class Softmax extends Op {
  /** The op; it has no attributes. */
  public static final Softmax INSTANCE = new Softmax();

  private Softmax() {}

  /** The softmax of each row. */
  public static Tensor softmax(Tensor x) {
    return INSTANCE.apply(x);
  }

  @Override
  public String name() {
    return "softmax";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return Rows.check(name(), inputs[0]);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    output.backend().softmax(
        inputs[0].buffer(), output.buffer(), Rows.count(shape), shape.dim(-1));
  }

  @Override
  protected Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    Shape shape = inputs[0].shape();
    Dual y = Dual.allocate(inputs[0], shape);
    y.value().backend().softmaxDual(
        inputs[0].buffer(), tangents[0].buffer(), y.value().buffer(), y.tangent().buffer(),
        Rows.count(shape), shape.dim(-1));
    return y;
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return product(output, tangents[0]);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {product(output, gradient)};
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  @Override
  protected boolean savesOutput() {
    return true;
  }

  /** In one kernel, from the softmax alone. */
  @Override
  protected Stencil stencil(Tensor[] inputs, Tensor output, Stencil[] stencils) {
    DenseTensor p = output.value().wide();
    Backend backend = p.backend();
    return StencilRules.byKernel(
        backend, p.shape(), stencils[0],
        (odd, even, newOdd, newEven) ->
            backend.stencilSoftmax(
                p.buffer(), odd, even, newOdd, newEven, Rows.count(p.shape()),
                p.shape().dim(-1)));
  }

  /** (diag(p) − p·pᵀ)·t for each row. */
  static Tensor product(Tensor p, Tensor t) {
    Tensor weighted = p.mul(t);
    return weighted.sub(p.mul(weighted.sumTo(p.shape().with(-1, 1))));
  }
}
