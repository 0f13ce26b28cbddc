package io.sagitta.nn.layers;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A convolution without bias, its batch normalisation, and what follows: y = act(γ·(x ⋆ w − μ)/√(σ²
 * + ε) + β + r), r a residual or nothing, act a rectifier or nothing. x: [N, H, W, in]; y: [N, H′,
 * W′, out]. In evaluation the normalisation is folded into the convolution: weights w·s and bias β
 * − μ·s with s = γ/√(σ² + ε).
 */
public final class ConvBn implements Layer {
  /** PyTorch's default. */
  private static final double EPSILON = 1e-5;

  private final String conv;
  private final String norm;
  private final Shape weightShape;
  private final int stride;
  private final int padding;

  /**
   * Makes the layer, with padding kernel / 2.
   *
   * @param conv the convolution's name
   * @param norm the normalisation's name
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  public ConvBn(String conv, String norm, int in, int out, int kernel, int stride) {
    this.conv = conv;
    this.norm = norm;
    this.weightShape = Shape.of(out, in, kernel, kernel);
    this.stride = stride;
    this.padding = kernel / 2;
  }

  /** Output channels. */
  public int channels() {
    return weightShape.dim(0);
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape channels = Shape.of(channels());
    double bound = 1 / Math.sqrt(weightShape.elements(1, 4));
    sink.accept(ParameterSpec.trainable(conv + ".weight", weightShape, 0, bound));
    sink.accept(ParameterSpec.trainable(norm + ".weight", channels, 1, 0));
    sink.accept(ParameterSpec.trainable(norm + ".bias", channels, 0, 0));
    sink.accept(ParameterSpec.buffer(norm + ".running_mean", channels, 0));
    sink.accept(ParameterSpec.buffer(norm + ".running_var", channels, 1));
    sink.accept(ParameterSpec.counter(norm + ".num_batches_tracked"));
  }

  /**
   * Applies the layer.
   *
   * @param residual of y's shape, or null
   */
  public Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return Tensor.tidy(
        () ->
            switch (pass.mode()) {
              case TRAIN -> train(pass, x, residual, relu);
              case EVAL ->
                  ConvBiasAct.convBiasAct(
                      x, foldedWeight(pass), foldedBias(pass), residual, parameters(pass), relu);
              case FOLDED ->
                  ConvBiasAct.convBiasAct(
                      x, pass.weight(conv + ".weight"), pass.weight(conv + ".bias"), residual,
                      parameters(pass), relu);
            });
  }

  private ConvParameters parameters(Pass pass) {
    return new ConvParameters(stride, padding, 1, pass.precision());
  }

  private Tensor train(Pass pass, Tensor x, Tensor residual, boolean relu) {
    Tensor y = Conv2d.conv2d(x, pass.weight(conv + ".weight"), parameters(pass));
    long rows = y.shape().elements() / channels();
    if (rows < 2) {
      throw new IllegalArgumentException(
          norm + ": expected more than one value per channel in training, got " + y.shape());
    }
    DenseTensor statistics = BatchNorm.statistics(y);
    Tensor result =
        BatchNorm.train(
            y, pass.weight(norm + ".weight"), pass.weight(norm + ".bias"), statistics, residual,
            relu, EPSILON);
    pass.collect(norm, statistics, rows);
    return result;
  }

  @Override
  public void fold(Pass eval, BiConsumer<String, Tensor> sink) {
    sink.accept(conv + ".weight", Tensor.tidy(() -> foldedWeight(eval)));
    sink.accept(conv + ".bias", Tensor.tidy(() -> foldedBias(eval)));
  }

  private Tensor foldedWeight(Pass pass) {
    Shape perOutput = Shape.of(channels(), 1, 1, 1);
    return pass.weight(conv + ".weight").mul(scale(pass).reshape(perOutput));
  }

  private Tensor foldedBias(Pass pass) {
    return pass.weight(norm + ".bias").sub(pass.weight(norm + ".running_mean").mul(scale(pass)));
  }

  private Tensor scale(Pass pass) {
    Tensor deviation = pass.weight(norm + ".running_var").add(EPSILON).sqrt();
    return pass.weight(norm + ".weight").div(deviation);
  }
}
