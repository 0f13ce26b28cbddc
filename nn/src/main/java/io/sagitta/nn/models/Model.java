package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.ParameterSpec;
import io.sagitta.nn.layers.Pass;
import java.util.List;
import java.util.Map;

/** A network as a function of its weights and a batch of images. It holds no numbers. */
public interface Model {
  /** What network this is. */
  ModelSpec spec();

  /** All arrays in PyTorch's order, under PyTorch's names. */
  List<ParameterSpec> parameters();

  /**
   * The logits, [N, classes].
   *
   * @param x images [N, H, W, 3], normalised
   */
  Tensor forward(Pass pass, Tensor x);

  /**
   * The weights of a {@linkplain Pass#folded folded} pass, as new tensors of the current scope.
   *
   * @param eval a pass over the parameters, in evaluation
   */
  Map<String, Tensor> fold(Pass eval);

  /**
   * Adds what a {@linkplain Pass#folded folded} pass computes to a graph that has its weights under
   * their names.
   *
   * @param x the value of the images, normalised, [N, 3, H, W]
   * @return the value of the logits, [N, classes]
   */
  String export(OnnxGraph graph, String x);

  /** The parameters of one kind, in order. */
  default List<ParameterSpec> parameters(ParameterSpec.Kind kind) {
    return parameters().stream().filter(p -> p.kind() == kind).toList();
  }

  /** How many numbers training changes by their gradients. */
  default long trainableCount() {
    return parameters(ParameterSpec.Kind.TRAINABLE).stream()
        .mapToLong(p -> p.shape().elements())
        .sum();
  }
}
