package io.sagitta.nn.optim;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import java.util.List;
import java.util.Map;

/** Changes parameters in place by their gradients. It holds its state until closed. */
public interface Optimizer extends AutoCloseable {
  /** What is optimised, in the order of the gradients. */
  Map<String, DenseTensor> parameters();

  /**
   * What it remembers between steps, under names of its own such as {@code velocity.conv1.weight};
   * whoever restores a state writes into these.
   */
  Map<String, DenseTensor> state();

  /**
   * One step.
   *
   * @param gradients one for each parameter, in their order
   * @param rate the learning rate
   */
  void step(List<Tensor> gradients, double rate);

  /** Gives the state back. */
  @Override
  void close();
}
