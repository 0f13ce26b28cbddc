package io.sagitta.attack.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Small classifiers as other tools export them: the mean of each channel is the logit of its class,
 * with extents, operator sets, types and outputs as asked for.
 */
final class OnnxModels {
  private final long[] input;
  private final List<Long> axes;
  private final long[] output;
  private int operators = 13;
  private boolean softmax;
  private int type = TensorProto.DataType.FLOAT.getNumber();

  /** Images [N, 3, H, W]; negative extents are named. */
  static OnnxModels channelsFirst(long n, long h, long w) {
    return new OnnxModels(new long[] {n, 3, h, w}, List.of(2L, 3L));
  }

  /** Images [N, H, W, 3]; negative extents are named. */
  static OnnxModels channelsLast(long n, long h, long w) {
    return new OnnxModels(new long[] {n, h, w, 3}, List.of(1L, 2L));
  }

  private OnnxModels(long[] input, List<Long> axes) {
    this.input = input;
    this.axes = axes;
    this.output = new long[] {input[0], 3};
  }

  OnnxModels operators(int version) {
    operators = version;
    return this;
  }

  OnnxModels softmax() {
    softmax = true;
    return this;
  }

  OnnxModels doubles() {
    type = TensorProto.DataType.DOUBLE.getNumber();
    return this;
  }

  Path write(Path file) throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("means");
    graph.addInput(value("x", input));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("ReduceMean")
            .addInput("x")
            .addOutput("means")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("axes")
                    .setType(AttributeType.INTS)
                    .addAllInts(axes))
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("keepdims")
                    .setType(AttributeType.INT)
                    .setI(0)));
    graph.addOutput(value("means", output));
    if (softmax) {
      graph.addNode(
          NodeProto.newBuilder().setOpType("Softmax").addInput("means").addOutput("confidence"));
      graph.addOutput(value("confidence", output));
    }
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(6)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(operators))
            .setGraph(graph)
            .build();
    return Files.write(file, model.toByteArray());
  }

  private ValueInfoProto value(String name, long[] extents) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < extents.length; i++) {
      shape.addDim(
          extents[i] < 0
              ? TensorShapeProto.Dimension.newBuilder().setDimParam("d" + i)
              : TensorShapeProto.Dimension.newBuilder().setDimValue(extents[i]));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
