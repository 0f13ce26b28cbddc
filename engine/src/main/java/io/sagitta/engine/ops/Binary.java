package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dual;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;
import java.util.Locale;

/**
 * What elementwise functions y = f(a, b) share: broadcasting, and rules made of the two partial
 * derivatives.
 */
abstract class Binary extends Op {
  private final BinaryOp kernel;

  Binary(BinaryOp kernel) {
    this.kernel = kernel;
  }

  /** ∂f/∂a·t, of y's shape when t has it; null where zero. */
  abstract Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t);

  /** ∂f/∂b·t; null where zero. */
  abstract Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t);

  @Override
  public String name() {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    try {
      return Shape.broadcast(inputs[0], inputs[1]);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    DenseTensor a = inputs[0];
    DenseTensor b = inputs[1];
    Shape shape = output.shape();
    if (a.shape().equals(b.shape())) {
      output.backend().binary(kernel, a.buffer(), b.buffer(), output.buffer());
    } else {
      output.backend().binary(
          kernel, a.buffer(), a.shape().stridesIn(shape), b.buffer(), b.shape().stridesIn(shape),
          output.buffer(), shape.longs());
    }
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return (kernel == BinaryOp.ADD || kernel == BinaryOp.MASK)
        && inputs[0].shape().equals(inputs[1].shape());
  }

  /** Of products and quotients of one shape both of whose arguments vary; else null. */
  @Override
  protected Dual dual(DenseTensor[] inputs, DenseTensor[] tangents) {
    boolean fused = kernel == BinaryOp.MUL || kernel == BinaryOp.DIV;
    DenseTensor a = inputs[0];
    DenseTensor b = inputs[1];
    if (!fused || tangents[0] == null || tangents[1] == null || !a.shape().equals(b.shape())) {
      return null;
    }
    Dual y = Dual.allocate(a, a.shape());
    y.value().backend().binaryDual(
        kernel, a.buffer(), tangents[0].buffer(), b.buffer(), tangents[1].buffer(),
        y.value().buffer(), y.tangent().buffer());
    return y;
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Tensor a = inputs[0];
    Tensor b = inputs[1];
    Tensor sum =
        Tangents.add(
            tangents[0] == null ? null : scaledByFirst(a, b, output, tangents[0]),
            tangents[1] == null ? null : scaledBySecond(a, b, output, tangents[1]));
    return sum == null ? null : sum.broadcastTo(output.shape());
  }

  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    if (shared[0] && shared[1]) {
      return super.squaredNorms(inputs, output, gradient, shared, samples);
    }
    Tensor scaled =
        shared[0]
            ? scaledByFirst(inputs[0], inputs[1], output, gradient)
            : scaledBySecond(inputs[0], inputs[1], output, gradient);
    Shape shape = inputs[shared[0] ? 0 : 1].shape();
    return scaled == null
        ? Tensor.zeros(gradient.backend(), Shape.of(samples))
        : SampleNorms.ofBroadcast(name(), scaled, shape, samples);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor a = inputs[0];
    Tensor b = inputs[1];
    Tensor first = needed[0] ? scaledByFirst(a, b, output, gradient) : null;
    Tensor second = needed[1] ? scaledBySecond(a, b, output, gradient) : null;
    return new Tensor[] {
      first == null ? null : first.sumTo(a.shape()), second == null ? null : second.sumTo(b.shape())
    };
  }
}
