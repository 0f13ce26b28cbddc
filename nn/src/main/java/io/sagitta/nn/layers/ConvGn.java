package io.sagitta.nn.layers;

import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.GroupNorm;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.io.OnnxGraph.Attribute;
import java.util.Arrays;
import java.util.List;

/**
 * A convolution with group normalisation: the same in training and evaluation, and no sample depends
 * on another. It has min(32, out) groups, as is usual where it replaces batch normalisation in
 * private training; where these do not divide the channels, the most below that do.
 */
public final class ConvGn extends ConvNorm {
  private static final int MOST_GROUPS = 32;

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
    super(conv, norm, in, out, kernel, stride, biased);
  }

  /** A 3×3 layer with bias and stride 1. */
  public static ConvGn biased(String conv, String norm, int in, int out) {
    return new ConvGn(conv, norm, in, out, 3, 1, true);
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
  public Tensor apply(Pass pass, Tensor x, Tensor residual, boolean relu) {
    return Tensor.tidy(
        () ->
            GroupNorm.groupNorm(
                convolved(pass, x), pass.weight(norm + ".weight"), pass.weight(norm + ".bias"),
                groups(), residual, relu, EPSILON));
  }

  private Tensor convolved(Pass pass, Tensor x) {
    Tensor weight = pass.weight(conv + ".weight");
    return biased
        ? ConvBiasAct.convBiasAct(
            x, weight, pass.weight(conv + ".bias"), null, parameters(pass), false)
        : Conv2d.conv2d(x, weight, parameters(pass));
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
    String shifted =
        graph.node("Add", norm + "/shifted", List.of(scaled, column(graph, "bias", perChannel)));
    return exportRest(graph, shifted, residual, relu);
  }

  private String column(OnnxGraph graph, String what, String shape) {
    String name = norm + "." + what;
    return graph.node("Reshape", name + "/column", List.of(name, shape));
  }
}
