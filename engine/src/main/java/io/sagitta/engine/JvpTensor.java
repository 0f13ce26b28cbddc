package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import java.util.function.Consumer;

/** A tensor with a tangent, while a Jacobian-vector product is in progress. */
final class JvpTensor extends Tensor {
  private final Level level;
  private final Tensor primal;
  private final Tensor tangent;

  JvpTensor(Level level, Tensor primal, Tensor tangent) {
    super(primal.shape());
    this.level = level;
    this.primal = primal;
    this.tangent = tangent;
  }

  Tensor primal() {
    return primal;
  }

  Tensor tangent() {
    return tangent;
  }

  @Override
  public Backend backend() {
    return primal.backend();
  }

  @Override
  public DType type() {
    return primal.type();
  }

  @Override
  public DenseTensor value() {
    return primal.value();
  }

  @Override
  Level level() {
    return level;
  }

  @Override
  void forEachLeaf(Consumer<DenseTensor> action) {
    primal.forEachLeaf(action);
    tangent.forEachLeaf(action);
  }
}
