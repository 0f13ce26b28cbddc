package io.sagitta.nn.models;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.io.OnnxGraph;
import io.sagitta.nn.layers.Pass;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a trained network as an ONNX model, of standard operators only, in evaluation: batch
 * normalisation folded into the convolutions. The input {@value #INPUT}, [batch, 3, H, W], is
 * normalised images; the output {@value #OUTPUT} is [batch, classes].
 */
public final class OnnxExport {
  /** The name of the input. */
  public static final String INPUT = "images";

  /** The name of the output. */
  public static final String OUTPUT = "logits";

  private OnnxExport() {}

  /**
   * Writes.
   *
   * @param height of the images that the model is for
   * @param width of the same
   * @param version of the program that writes, for the file
   * @param metadata for the file, beside what the model's specification says, such as {@code
   *     normalization}
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public static void write(
      Path file, Weights weights, int height, int width, String version,
      Map<String, String> metadata) {
    Model model = weights.model();
    OnnxGraph graph = new OnnxGraph(model.spec().architecture());
    try (Scope scope = Scope.open()) {
      Map<String, Tensor> folded = model.fold(Pass.eval(weights.tensors()));
      folded.forEach(
          (name, tensor) -> graph.weight(name, tensor.shape().longs(), tensor.value().toFloats()));
    }
    String x = graph.input(INPUT, 3, height, width);
    graph.output(model.export(graph, x), OUTPUT, model.spec().classes());
    Map<String, String> all = new LinkedHashMap<>(model.spec().metadata());
    all.put("input", INPUT);
    all.put("layout", "NCHW");
    all.put("output", OUTPUT);
    all.putAll(metadata);
    graph.write(file, "sagitta", version, all);
  }
}
