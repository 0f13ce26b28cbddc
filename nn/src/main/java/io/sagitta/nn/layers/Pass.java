package io.sagitta.nn.layers;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.Map;

/**
 * One run through a network: where its weights come from and how its normalisations behave. The
 * weights may be dense or under differentiation, so the same network is a function of its inputs,
 * of its parameters, or of both.
 */
public final class Pass {
  /** How normalisations behave. */
  public enum Mode {
    /** By the batch's own mean and variance. */
    TRAIN,
    /** By the running mean and variance, as a function of all parameters. */
    EVAL,
    /** As in evaluation, computed beforehand as convolution weights and biases. */
    FOLDED
  }

  /** Receives what a batch says about the running statistics. */
  @FunctionalInterface
  public interface StatisticsSink {
    /**
     * Takes one normalisation's statistics; who keeps them moves them out of the current scope.
     *
     * @param norm the normalisation's name, such as {@code layer1.0.bn1}
     * @param statistics [2, C]: means, then biased variances; a member of the current scope
     * @param rows the values of each channel that they are taken over
     */
    void accept(String norm, DenseTensor statistics, long rows);
  }

  private final Mode mode;
  private final Map<String, ? extends Tensor> weights;
  private final StatisticsSink sink;
  private final Precision precision;

  private Pass(
      Mode mode, Map<String, ? extends Tensor> weights, StatisticsSink sink, Precision precision) {
    this.mode = mode;
    this.weights = weights;
    this.sink = sink;
    this.precision = precision;
  }

  /** A training pass that forgets the batch's statistics. */
  public static Pass train(Map<String, ? extends Tensor> weights) {
    return train(weights, (norm, statistics, rows) -> {});
  }

  /**
   * A training pass.
   *
   * @param weights the trainable parameters by name
   * @param sink receives the batch's statistics, once for each normalisation
   */
  public static Pass train(Map<String, ? extends Tensor> weights, StatisticsSink sink) {
    return new Pass(Mode.TRAIN, weights, sink, Precision.FP32);
  }

  /**
   * An evaluating pass.
   *
   * @param weights the trainable parameters and the running statistics by name
   */
  public static Pass eval(Map<String, ? extends Tensor> weights) {
    return new Pass(Mode.EVAL, weights, null, Precision.FP32);
  }

  /**
   * An evaluating pass without normalisations.
   *
   * @param weights what the layers' {@link Layer#fold} made
   */
  public static Pass folded(Map<String, ? extends Tensor> weights) {
    return new Pass(Mode.FOLDED, weights, null, Precision.FP32);
  }

  /** The same pass with convolutions in another precision than {@link Precision#FP32}. */
  public Pass in(Precision products) {
    return new Pass(mode, weights, sink, products);
  }

  /** How normalisations behave. */
  public Mode mode() {
    return mode;
  }

  /**
   * The arithmetic of convolutions, and of the matrix products inside networks that are made of
   * them; heads and everything else are computed in binary32. In {@link Precision#BF16}, images
   * between batch-normalised convolutions and their gradients are stored as bfloat16 too, where the
   * backend does that.
   */
  public Precision precision() {
    return precision;
  }

  /**
   * A weight.
   *
   * @throws IllegalArgumentException if the pass was given none of this name
   */
  public Tensor weight(String name) {
    Tensor weight = weights.get(name);
    if (weight == null) {
      throw new IllegalArgumentException(
          "forward: expected a weight '" + name + "' for a pass in mode " + mode + ", got "
              + weights.size() + " others");
    }
    return weight;
  }

  /** Images as convolutions of this pass want them stored; null for null. */
  Tensor images(Tensor x) {
    boolean half = x != null && precision == Precision.BF16 && x.backend().storesBf16();
    return half ? x.cast(DType.BF16) : x;
  }

  void collect(String norm, DenseTensor statistics, long rows) {
    sink.accept(norm, statistics, rows);
  }
}
