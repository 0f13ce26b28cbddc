package io.sagitta.nn.layers;

import io.sagitta.engine.Tensor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A part of a network that owns parameters. It holds names and sizes only, never numbers. */
public interface Layer {
  /** Lists the parameters in PyTorch's order. */
  void declare(Consumer<ParameterSpec> sink);

  /**
   * Computes what a {@linkplain Pass#folded folded} pass wants instead of the parameters: copies of
   * them, where a layer has nothing to fold, which stay as they are while training goes on in place.
   *
   * @param eval a pass over the parameters, in evaluation
   * @param sink receives names and new tensors of the current scope
   */
  default void fold(Pass eval, BiConsumer<String, Tensor> sink) {
    declare(p -> sink.accept(p.name(), eval.weight(p.name()).mul(1)));
  }
}
