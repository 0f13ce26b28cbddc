package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.RandomTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * y = x ⋆ w, two-dimensional cross-correlation. x: [N, H, W, C]; w: [K, C/groups, R, S]; y: [N, H′,
 * W′, K]. With {@link Conv2dGradInput} and {@link Conv2dGradWeight} it is a closed triple: each is
 * bilinear, its tangent is itself, and its gradients are the other two.
 */
public final class Conv2d extends Bilinear {
  private final ConvParameters parameters;

  /** Makes the op. */
  public Conv2d(ConvParameters parameters) {
    this.parameters = parameters;
  }

  /** The convolution of images [N, H, W, C] with weights [K, C, R, S]. */
  public static Tensor conv2d(Tensor x, Tensor w, int stride, int padding) {
    return conv2d(x, w, new ConvParameters(stride, padding, 1, Precision.FP32));
  }

  /** The convolution with any parameters. */
  public static Tensor conv2d(Tensor x, Tensor w, ConvParameters parameters) {
    return new Conv2d(parameters).apply(x, w);
  }

  @Override
  public String name() {
    return "conv2d";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    return ConvParameters.outputShape(parameters.geometry(inputs[0], inputs[1]));
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Conv2dGeometry g = parameters.geometry(inputs[0].shape(), inputs[1].shape());
    output.backend().conv2d(
        parameters.precision(), g, inputs[0].buffer(), inputs[1].buffer(), output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return index == 0 && parameters.precision() == Precision.BF16;
  }

  /** Images of random signs are convolved as they are made. */
  @Override
  protected DenseTensor ofRandom(Tensor... inputs) {
    if (!(inputs[0] instanceof RandomTensor images) || inputs[1] instanceof RandomTensor) {
      return null;
    }
    DenseTensor w = inputs[1].value();
    Conv2dGeometry g = parameters.geometry(images.shape(), w.shape());
    DenseTensor output = DenseTensor.allocate(w.backend(), ConvParameters.outputShape(g));
    w.backend().conv2dOfSigns(
        parameters.precision(), g, images.signs(), w.buffer(), output.buffer());
    return (DenseTensor) output.cast(images.type());
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor w = inputs[1];
    return new Tensor[] {
      needed[0] ? new Conv2dGradInput(parameters, x.shape()).apply(w, gradient) : null,
      needed[1] ? new Conv2dGradWeight(parameters, w.shape()).apply(x, gradient) : null
    };
  }

  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    return shared[0]
        ? super.squaredNorms(inputs, output, gradient, shared, samples)
        : norms(parameters, inputs[0], inputs[1], gradient, samples);
  }

  /** The squared norms of each sample's gradient in the weights, [samples]. */
  static Tensor norms(
      ConvParameters parameters, Tensor x, Tensor w, Tensor gradient, int samples) {
    return SampleNorms.ofConvolution(
        parameters.precision(), parameters.geometry(x.shape(), w.shape()), x, gradient, samples);
  }

  @Override
  protected Conv2d in(Precision precision) {
    return new Conv2d(parameters.in(precision));
  }
}
