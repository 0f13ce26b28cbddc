package io.sagitta.engine.ops;

import io.sagitta.engine.Dependence;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.BinaryOp;

/** y = a + b. */
public final class Add extends Binary {
  /** The op; it has no attributes. */
  public static final Add INSTANCE = new Add();

  private Add() {
    super(BinaryOp.ADD);
  }

  @Override
  Tensor scaledByFirst(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t;
  }

  @Override
  Tensor scaledBySecond(Tensor a, Tensor b, Tensor y, Tensor t) {
    return t;
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return false;
  }

  @Override
  protected Dependence dependence(boolean[] varying) {
    return Dependence.LINEAR;
  }
}
