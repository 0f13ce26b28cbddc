package io.sagitta.nn.layers;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.GroupNorm;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import io.sagitta.nn.layers.ParameterSpec.Initial;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A convolution with group normalisation: the same in training and evaluation, and no sample depends
 * on another. It has min(32, out) groups, as is usual where it replaces batch normalisation in
 * private training; where these do not divide the channels, the most below that do.
 */
public final class ConvGn implements ConvNorm {
  /** PyTorch's default. */
  private static final double EPSILON = 1e-5;

  private static final int MOST_GROUPS = 32;

  private final String conv;
  private final String norm;
  private final Shape weightShape;
  private final int stride;
  private final int padding;
  private final boolean biased;

  /**
   * Makes the layer, without bias and with padding kernel / 2.
   *
   * @param conv the convolution's name
   * @param norm the normalisation's name
   * @param in input channels
   * @param out output channels
   * @param kernel rows and columns of the window
   */
  public ConvGn(String conv, String norm, int in, int out, int kernel, int stride) {
    this(conv, norm, in, out, kernel, stride, false);
  }

  private ConvGn(
      String conv, String norm, int in, int out, int kernel, int stride, boolean biased) {
    this.conv = conv;
    this.norm = norm;
    this.weightShape = Shape.of(out, in, kernel, kernel);
    this.stride = stride;
    this.padding = kernel / 2;
    this.biased = biased;
  }

  /** A 3×3 layer with bias and stride 1. */
  public static ConvGn biased(String conv, String norm, int in, int out) {
    return new ConvGn(conv, norm, in, out, 3, 1, true);
  }

  @Override
  public int channels() {
    return weightShape.dim(0);
  }

  /** Groups of channels. */
  int groups() {
    int groups = Math.min(MOST_GROUPS, channels());
    while (channels() % groups != 0) {
      groups--;
    }
    return groups;
  }

  @Override
  public void declare(Consumer<ParameterSpec> sink) {
    Shape channels = Shape.of(channels());
    Initial uniform = Dense.uniform(weightShape.elements(1, 4));
    sink.accept(ParameterSpec.trainable(conv + ".weight", weightShape, uniform));
    if (biased) {
      sink.accept(ParameterSpec.trainable(conv + ".bias", channels, uniform));
    }
    sink.accept(ParameterSpec.trainable(norm + ".weight", channels, Initial.constant(1)));
    sink.accept(ParameterSpec.trainable(norm + ".bias", channels, Initial.constant(0)));
  }

  @Override
  public Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return Tensor.tidy(
        () ->
            GroupNorm.groupNorm(
                convolved(pass, x), pass.weight(norm + ".weight"), pass.weight(norm + ".bias"),
                groups(), residual, relu, EPSILON));
  }

  private Tensor convolved(Pass pass, Tensor x) {
    ConvParameters parameters = new ConvParameters(stride, padding, 1, pass.precision());
    Tensor weight = pass.weight(conv + ".weight");
    return biased
        ? ConvBiasAct.convBiasAct(x, weight, pass.weight(conv + ".bias"), null, parameters, false)
        : Conv2d.conv2d(x, weight, parameters);
  }

  /** As an instance normalisation of the groups, which every version of ONNX understands. */
  @Override
  public String export(OnnxGraph graph, String x, String residual, boolean relu) {
    String made = Conv.export(graph, conv, x, weightShape, stride, padding, biased);
    String groups =
        graph.node(
            "Reshape", norm + "/groups",
            List.of(made, graph.integers(norm + "/grouped", 0, groups(), -1)));
    float[] ones = new float[groups()];
    Arrays.fill(ones, 1);
    long[] each = {groups()};
    graph.weight(norm + "/one", each, ones);
    graph.weight(norm + "/zero", each, new float[groups()]);
    String normalized =
        graph.node(
            "InstanceNormalization", norm, List.of(groups, norm + "/one", norm + "/zero"),
            Attribute.real("epsilon", EPSILON));
    String shape = graph.node("Shape", norm + "/shape", List.of(made));
    String images = graph.node("Reshape", norm + "/images", List.of(normalized, shape));
    String perChannel = graph.integers(norm + "/channels", -1, 1, 1);
    String scaled =
        graph.node("Mul", norm + "/scaled", List.of(images, column(graph, "weight", perChannel)));
    String y =
        graph.node("Add", norm + "/shifted", List.of(scaled, column(graph, "bias", perChannel)));
    if (residual != null) {
      y = graph.node("Add", conv + "/add", List.of(y, residual));
    }
    return relu ? graph.node("Relu", conv + "/relu", List.of(y)) : y;
  }

  private String column(OnnxGraph graph, String what, String shape) {
    String name = norm + "." + what;
    return graph.node("Reshape", name + "/column", List.of(name, shape));
  }
}
