package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import java.util.function.Consumer;

/** A tensor whose making is written down on a tape. */
final class TapeTensor extends Tensor {
  private final Tape tape;
  private final Tensor primal;
  private final Tape.Node node;

  TapeTensor(Tape tape, Tensor primal, Tape.Node node) {
    super(primal.shape());
    this.tape = tape;
    this.primal = primal;
    this.node = node;
  }

  Tape tape() {
    return tape;
  }

  Tensor primal() {
    return primal;
  }

  Tape.Node node() {
    return node;
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
    return tape.level();
  }

  @Override
  void forEachLeaf(Consumer<DenseTensor> action) {
    primal.forEachLeaf(action);
  }
}
