package io.sagitta.nn.io;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A graph in ONNX's format, float32 with one input and one output, made node by node. Operators are
 * those of the default domain at operator set {@value #OPERATORS}, as <a
 * href="https://onnx.ai/onnx/operators/">onnx.ai</a> describes them.
 */
public final class OnnxGraph {
  private static final int OPERATORS = 13;

  /** The format that goes with these operators; runtimes since 2020 read it. */
  private static final int IR_VERSION = 7;

  private static final String BATCH = "batch";

  private final GraphProto.Builder graph = GraphProto.newBuilder();

  /**
   * An empty graph.
   *
   * @param name of the graph
   */
  public OnnxGraph(String name) {
    graph.setName(name);
  }

  /**
   * Declares the input.
   *
   * @param extents of one row of the batch, which may be of any size
   * @return the name
   */
  public String input(String name, int... extents) {
    graph.addInput(value(name, extents));
    return name;
  }

  /**
   * Declares the output: a value that a node gives.
   *
   * @param extents of one row of the batch
   * @param name what users see
   */
  public void output(String value, String name, int... extents) {
    graph.addNode(
        NodeProto.newBuilder().setOpType("Identity").addInput(value).addOutput(name).setName(name));
    graph.addOutput(value(name, extents));
  }

  /**
   * Adds constant numbers.
   *
   * @param values row-major
   * @return the name
   */
  public String weight(String name, long[] shape, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .setRawData(ByteString.copyFrom(bytes));
    Arrays.stream(shape).forEach(tensor::addDims);
    graph.addInitializer(tensor);
    return name;
  }

  /**
   * Adds a node.
   *
   * @param operator such as {@code Conv}
   * @param name of the node, unique
   * @param attributes whole numbers; one of length 1 whose operator wants a number is that number
   * @return the name of its result
   */
  public String node(
      String operator, String name, List<String> inputs, Attribute... attributes) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addOutput(name + "/out");
    for (Attribute attribute : attributes) {
      node.addAttribute(attribute.proto());
    }
    graph.addNode(node);
    return name + "/out";
  }

  /**
   * An attribute of a node.
   *
   * @param list whether the operator wants a list
   */
  public record Attribute(String name, boolean list, long... values) {
    /** A whole number. */
    public static Attribute number(String name, long value) {
      return new Attribute(name, false, value);
    }

    /** A list of whole numbers. */
    public static Attribute list(String name, long... values) {
      return new Attribute(name, true, values);
    }

    private AttributeProto proto() {
      AttributeProto.Builder proto =
          AttributeProto.newBuilder()
              .setName(name)
              .setType(list ? AttributeType.INTS : AttributeType.INT);
      if (list) {
        Arrays.stream(values).forEach(proto::addInts);
      } else {
        proto.setI(values[0]);
      }
      return proto.build();
    }
  }

  /**
   * Writes the model, whole or not at all.
   *
   * @param producer who made it, such as {@code sagitta}
   * @param version of the producer
   * @param metadata kept with the model
   */
  public void write(
      Path file, String producer, String version, Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(producer)
            .setProducerVersion(version)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATORS))
            .setGraph(graph);
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    ModelProto whole = model.build();
    AtomicFiles.write(file, whole::writeTo);
  }

  private static ValueInfoProto value(String name, int... extents) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(BATCH));
    for (int extent : extents) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(extent));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
