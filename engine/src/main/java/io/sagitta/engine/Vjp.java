package io.sagitta.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The outputs of a function together with its transposed Jacobian. It holds the memory of what the
 * function did until closed.
 */
public final class Vjp implements AutoCloseable {
  private final Tape tape;
  private final List<Tensor> inputs;
  private final Tape.Node[] inputNodes;
  private final List<Tensor> outputs;
  private final Tape.Node[] outputNodes;

  Vjp(
      Tape tape, List<Tensor> inputs, Tape.Node[] inputNodes, List<Tensor> outputs,
      Tape.Node[] outputNodes) {
    this.tape = tape;
    this.inputs = inputs;
    this.inputNodes = inputNodes;
    this.outputs = outputs;
    this.outputNodes = outputNodes;
  }

  /** The function's outputs. */
  public List<Tensor> outputs() {
    return outputs;
  }

  /** The first output. */
  public Tensor output() {
    return outputs.get(0);
  }

  /**
   * The gradients of Σ ⟨gradientₖ, outputₖ⟩ with respect to the inputs; may be called again.
   *
   * @param gradients one per output, of the output's shape; null or none is zero
   * @return one per input
   * @throws IllegalStateException if this is closed
   */
  public List<Tensor> pullback(Tensor... gradients) {
    return run(gradients, false);
  }

  List<Tensor> run(Tensor[] gradients, boolean last) {
    if (gradients.length > outputs.size()) {
      throw new IllegalArgumentException(
          "pullback: expected at most " + outputs.size() + " gradients, got " + gradients.length);
    }
    Tensor[] all = new Tensor[outputs.size()];
    for (int i = 0; i < gradients.length; i++) {
      if (gradients[i] != null && !gradients[i].shape().equals(outputs.get(i).shape())) {
        throw new IllegalArgumentException(
            "pullback: expected a gradient of shape " + outputs.get(i).shape() + ", got "
                + gradients[i].shape());
      }
      all[i] = gradients[i];
    }
    Tensor[] result = tape.pullback(outputNodes, all, inputNodes, last);
    List<Tensor> list = new ArrayList<>();
    for (int i = 0; i < result.length; i++) {
      Tensor input = inputs.get(i);
      list.add(result[i] == null ? Tensor.zeros(input.backend(), input.shape()) : result[i]);
    }
    return list;
  }

  /**
   * The squared norms, [N], of each sample's part of the gradient of ⟨gradient, first output⟩ in all
   * inputs together, which all samples share.
   *
   * @param gradient [N], of the first output's shape
   */
  double[] squaredNorms(Tensor gradient) {
    return tape.squaredNorms(outputNodes[0], gradient);
  }

  @Override
  public void close() {
    tape.close();
  }
}
