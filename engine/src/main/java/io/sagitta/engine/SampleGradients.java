package io.sagitta.engine;

import io.sagitta.kernels.Scope;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Gradients of a batch in which each sample counts by the norm of its own gradient, as clipping wants
 * it, without any sample's gradient being stored. The function is run once; a first gradient passes
 * back through it that leaves only norms, and a second one, weighted by them, that leaves the sum
 * (Li, Tramèr, Liang and Hashimoto, "Large Language Models Can Be Strong Differentially Private
 * Learners", ICLR 2022). Both share the activations.
 */
public final class SampleGradients {
  private SampleGradients() {}

  /**
   * A function's values and weighted gradients.
   *
   * @param outputs all outputs; the first has the losses
   * @param squaredNorms of each sample's gradient, in all inputs together
   * @param gradients one per input: Σ wₙ·∇ℓₙ
   */
  public record Result(
      List<Tensor> outputs, double[] squaredNorms, List<Tensor> gradients) {}

  /**
   * Runs a function and carries both gradients back.
   *
   * @param f its first output has a loss for each sample, [N], each a function of the inputs and of
   *     that sample alone; the rows of every tensor inside belong to the samples in turn, the same
   *     number to each. It may use each input once
   * @param inputs the parameters that all samples share
   * @param weights from the squared norms, [N], to the weight of each sample
   * @throws IllegalArgumentException if an op that reads a parameter has no per-sample rule, naming
   *     it, or a parameter is used twice
   */
  public static Result weighted(
      Program f, List<Tensor> inputs, UnaryOperator<double[]> weights) {
    try (Scope scope = Scope.open();
        Vjp vjp = Autodiff.vjp(f, inputs)) {
      Tensor losses = vjp.output();
      if (losses.shape().rank() != 1 || losses.shape().dim(0) == 0) {
        throw new IllegalArgumentException(
            "per-sample gradients: expected a loss for each sample, [N] with N > 0, got "
                + losses.shape());
      }
      double[] norms = vjp.squaredNorms(Tensor.full(losses.backend(), losses.shape(), 1));
      Tensor seed = Tensor.of(losses.backend(), losses.shape(), weights.apply(norms.clone()));
      List<Tensor> gradients = vjp.run(new Tensor[] {seed}, true);
      gradients.forEach(g -> g.keepFrom(scope));
      vjp.outputs().forEach(output -> output.keepFrom(scope));
      return new Result(vjp.outputs(), norms, gradients);
    }
  }
}
