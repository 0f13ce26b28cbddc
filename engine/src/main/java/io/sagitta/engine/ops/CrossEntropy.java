package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Op;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;

/**
 * The cross-entropy of each sample: y[r] = logsumexp(x[r]) − x[r, label[r]]; takes (x, labels). x:
 * [N, K] logits; labels: [N] indices; y: [N]. Its gradient is {@link CrossEntropyGrad}.
 */
public final class CrossEntropy extends Op {
  /** The op; it has no attributes. */
  public static final CrossEntropy INSTANCE = new CrossEntropy();

  private CrossEntropy() {}

  /**
   * The loss of each sample.
   *
   * @throws IllegalArgumentException if a label names no class
   */
  public static Tensor crossEntropy(Tensor logits, int... labels) {
    checkLabels(logits.shape(), labels);
    return INSTANCE.apply(logits, Tensor.indices(logits.backend(), labels));
  }

  /** Fails unless each row of logits has a label that names one of the classes. */
  public static void checkLabels(Shape shape, int... labels) {
    if (shape.rank() != 2 || shape.dim(0) != labels.length) {
      throw new IllegalArgumentException(
          "cross_entropy: expected logits [" + labels.length + ", K], got " + shape);
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= shape.dim(1)) {
        throw new IllegalArgumentException(
            "cross_entropy: label[" + i + "] = " + labels[i] + ", expected 0.."
                + (shape.dim(1) - 1));
      }
    }
  }

  @Override
  public String name() {
    return "cross_entropy";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    checkRows(name(), inputs[0], "labels", inputs[1]);
    return Shape.of(inputs[0].dim(0));
  }

  /** Fails unless x is [N, K] and the argument [N]. */
  static void checkRows(String op, Shape x, String argument, Shape got) {
    if (x.rank() != 2 || x.dim(1) < 1 || !got.equals(Shape.of(x.dim(0)))) {
      throw new IllegalArgumentException(
          op + ": " + argument + ": expected one for each row of logits [N, K], got " + got
              + " for " + x);
    }
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = inputs[0].shape();
    output.backend().crossEntropy(
        inputs[0].buffer(), inputs[1].buffer(), output.buffer(), shape.dim(0), shape.dim(1));
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Tensor ones = Tensor.full(output.backend(), output.shape(), 1);
    return CrossEntropyGrad.INSTANCE.apply(inputs[0], ones, inputs[1]).mul(tangents[0]).sum(1);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    return new Tensor[] {CrossEntropyGrad.INSTANCE.apply(inputs[0], gradient, inputs[1]), null};
  }
}
