package io.sagitta.engine;

import java.util.List;

/** A function from tensors to tensors, such as from a model's parameters to its loss and logits. */
@FunctionalInterface
public interface Program {
  /** Computes the outputs. Everything that is to outlive the call is returned. */
  List<Tensor> apply(List<Tensor> inputs);
}
