package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Dependence;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * y = act(x ⋆ w + b + r) in one pass, act a rectifier or nothing: an evaluated layer whose batch
 * normalisation is folded into w and b. x: [N, H, W, C]; w: [K, C/groups, R, S]; b: [K]; r, the
 * residual, has y's shape and may be absent.
 */
public final class ConvBiasAct extends FusedOp {
  private final ConvParameters parameters;
  private final boolean relu;

  /** Makes the op; it takes (x, w, b) or (x, w, b, r). */
  public ConvBiasAct(ConvParameters parameters, boolean relu) {
    this.parameters = parameters;
    this.relu = relu;
  }

  /**
   * Applies the op.
   *
   * @param residual may be null
   */
  public static Tensor convBiasAct(
      Tensor x, Tensor w, Tensor bias, Tensor residual, ConvParameters parameters, boolean relu) {
    ConvBiasAct op = new ConvBiasAct(parameters, relu);
    return residual == null ? op.apply(x, w, bias) : op.apply(x, w, bias, residual);
  }

  @Override
  public String name() {
    return "conv2d_bias_act";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Conv2dGeometry g = parameters.geometry(inputs[0], inputs[1]);
    Shape output = ConvParameters.outputShape(g);
    if (!inputs[2].equals(Shape.of(g.outChannels()))
        || (inputs.length == 4 && !inputs[3].equals(output))) {
      throw new IllegalArgumentException(
          name() + ": expected a bias [" + g.outChannels() + "] and a residual " + output + ", got "
              + inputs[2] + (inputs.length == 4 ? " and " + inputs[3] : ""));
    }
    return output;
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Conv2dGeometry g = parameters.geometry(inputs[0].shape(), inputs[1].shape());
    Buffer residual = inputs.length == 4 ? inputs[3].buffer() : null;
    output.backend().conv2dBiasAct(
        parameters.precision(), g, inputs[0].buffer(), inputs[1].buffer(), inputs[2].buffer(),
        residual, relu, output.buffer());
  }

  @Override
  protected boolean isImage(int index, DenseTensor[] inputs) {
    return (index == 0 || index == 3) && parameters.precision() == Precision.BF16;
  }

  @Override
  protected Tensor definition(Tensor... inputs) {
    Tensor y = Conv2d.conv2d(inputs[0], inputs[1], parameters).add(inputs[2]);
    Tensor sum = inputs.length == 4 ? y.add(inputs[3]) : y;
    return relu ? sum.relu() : sum;
  }

  @Override
  protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
    Tensor byInput = byInput(inputs[1], tangents[0], inputs.length == 4 ? tangents[3] : null);
    Tensor byWeight =
        tangents[1] == null ? null : new Conv2d(parameters).apply(inputs[0], tangents[1]);
    Tensor sum = Tangents.add(Tangents.add(byInput, byWeight), tangents[2]);
    if (sum == null) {
      return null;
    }
    return relu ? sum.mask(output) : sum.broadcastTo(output.shape());
  }

  /** The tangent by images and residual, each of which may be null, in one pass where both are. */
  private Tensor byInput(Tensor w, Tensor images, Tensor residual) {
    if (images == null) {
      return residual;
    }
    if (residual == null) {
      return new Conv2d(parameters).apply(images, w);
    }
    Tensor bias = Tensor.zeros(w.backend(), Shape.of(w.shape().dim(0)));
    return new ConvBiasAct(parameters, false).apply(images, w, bias, residual);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor x = inputs[0];
    Tensor w = inputs[1];
    Tensor g = relu ? gradient.mask(output) : gradient;
    Tensor[] gradients = new Tensor[inputs.length];
    gradients[0] = needed[0] ? new Conv2dGradInput(parameters, x.shape()).apply(w, g) : null;
    gradients[1] = needed[1] ? new Conv2dGradWeight(parameters, w.shape()).apply(x, g) : null;
    gradients[2] = needed[2] ? g.sumTo(inputs[2].shape()) : null;
    if (inputs.length == 4) {
      gradients[3] = g;
    }
    return gradients;
  }

  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    if (shared[0] || (inputs.length == 4 && shared[3])) {
      return super.squaredNorms(inputs, output, gradient, shared, samples);
    }
    Tensor g = relu ? gradient.mask(output) : gradient;
    Tensor ofWeights =
        shared[1] ? Conv2d.norms(parameters, inputs[0], inputs[1], g, samples) : null;
    Tensor ofBias =
        shared[2] ? SampleNorms.ofBroadcast(name(), g, inputs[2].shape(), samples) : null;
    return Tangents.add(ofWeights, ofBias);
  }

  @Override
  protected boolean savesInput(int index, boolean[] needed) {
    return index < 2 && needed[1 - index];
  }

  @Override
  protected boolean savesOutput() {
    return relu;
  }

  /** The weights may vary only alone: their product with varying images is curved. */
  @Override
  protected Dependence dependence(boolean[] varying) {
    if (varying[0] && varying[1]) {
      return Dependence.SMOOTH;
    }
    return relu ? Dependence.PIECEWISE_LINEAR : Dependence.LINEAR;
  }

  @Override
  protected ConvBiasAct in(Precision precision) {
    return new ConvBiasAct(parameters.in(precision), relu);
  }

  /** The rectifier's rule wants what it rectifies. */
  @Override
  protected Tensor stencilForm(Tensor... inputs) {
    return relu ? new ConvBiasAct(parameters, false).apply(inputs).relu() : null;
  }
}
