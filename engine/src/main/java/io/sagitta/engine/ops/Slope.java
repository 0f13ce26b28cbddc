package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Dual;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.UnaryOp;

/**
 * y = f′·t, the tangent and the gradient of a smooth elementwise function f; takes (z, t) of one
 * shape, with z what f′ is read from, f's value or its argument. As an op of its own it is one
 * kernel, also with its derivative, where differentiation goes forward over reverse.
 */
public final class Slope extends Op {
  private final SmoothUnary function;
  private final UnaryOp kernel;

  Slope(SmoothUnary function, UnaryOp kernel) {
    this.function = function;
    this.kernel = kernel;
  }

  @Override
  public String name() {
    return function.name() + "_slope";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    if (!inputs[0].equals(inputs[1])) {
      throw new IllegalArgumentException(
          name() + ": expected two arguments of one shape, got " + inputs[0] + " and "
              + inputs[1]);
    }
    return inputs[0];
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    output.backend().unarySlope(
        kernel, inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    if (tangents[0] == null || tangents[1] == null) {
      return null;
    }
    Dual y = Dual.allocate(inputs[0], inputs[0].shape());
    y.value().backend().unarySlopeDual(
        kernel, inputs[0].buffer(), tangents[0].buffer(), inputs[1].buffer(),
        tangents[1].buffer(), y.value().buffer(), y.tangent().buffer());
    return y;
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    return Tangents.add(
        tangents[0] == null ? null : function.bent(inputs[0], tangents[0].mul(inputs[1])),
        tangents[1] == null ? null : apply(inputs[0], tangents[1]));
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {
      needed[0] ? function.bent(inputs[0], gradient.mul(inputs[1])) : null,
      needed[1] ? apply(inputs[0], gradient) : null
    };
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index == 0 || needed[0];
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return varying[0] ? Dependence.SMOOTH : Dependence.LINEAR;
  }
}
