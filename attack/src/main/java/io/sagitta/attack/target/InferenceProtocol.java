package io.sagitta.attack.target;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.nn.data.ImageDataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The messages of the Open Inference Protocol, version 2, in JSON: KServe, Triton, MLServer,
 * OpenVINO and others speak it. Source: the protocol's specification, "Inference Protocol V2".
 */
final class InferenceProtocol {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> NUMBERS = Set.of("FP32", "FP64");

  private final URI address;
  private final Courier courier;
  private final ImageDataset images;
  private final Tensor input;
  private final Tensor output;
  private final Signature signature;

  /** What a model says of an input or an output. */
  private record Tensor(String name, String type, long[] shape) {
    @Override
    public String toString() {
      return name + " " + type + Arrays.toString(shape);
    }
  }

  /**
   * Reads a model's metadata.
   *
   * @param output the name of the output to be read, or null
   * @throws TargetException if they are none, or do not fit the images
   */
  InferenceProtocol(
      URI address, byte[] metadata, String output, ImageDataset images, Courier courier) {
    this.address = address;
    this.courier = courier;
    this.images = images;
    JsonNode json = read(metadata);
    List<Tensor> inputs = tensors(json, "inputs");
    if (inputs.size() != 1 || !NUMBERS.contains(inputs.get(0).type)) {
      throw courier.problem(
          address, "expected one input of FP32 or FP64, found " + courier.shown(inputs.toString()));
    }
    this.input = inputs.get(0);
    this.output = output(tensors(json, "outputs"), output);
    String identity = address + " versions " + json.path("versions");
    this.signature =
        Signature.of(
            address.toString(), identity + " output " + this.output.name, input.shape,
            this.output.shape, null, images);
  }

  Signature signature() {
    return signature;
  }

  private Tensor output(List<Tensor> outputs, String name) {
    return outputs.stream()
        .filter(o -> NUMBERS.contains(o.type))
        .filter(
            o ->
                name == null
                    ? Signature.rowElements(o.shape) == images.classes()
                    : o.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                courier.problem(
                    address,
                    "expected an output "
                        + (name == null
                            ? "with a number for each of the " + images.classes() + " classes of "
                                + images.name()
                            : "'" + name + "' of FP32 or FP64")
                        + ", found " + courier.shown(outputs.toString())));
  }

  private static List<Tensor> tensors(JsonNode json, String field) {
    List<Tensor> tensors = new ArrayList<>();
    for (JsonNode tensor : json.path(field)) {
      tensors.add(
          new Tensor(
              tensor.path("name").asText(), tensor.path("datatype").asText(), longs(tensor)));
    }
    return tensors;
  }

  private static long[] longs(JsonNode tensor) {
    JsonNode shape = tensor.path("shape");
    long[] longs = new long[shape.size()];
    Arrays.setAll(longs, i -> shape.get(i).asLong());
    return longs;
  }

  /**
   * A question.
   *
   * @param arranged [rows, …] in the model's layout
   */
  byte[] request(float[] arranged, int rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(arranged.length * 12);
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeArrayFieldStart("inputs");
      json.writeStartObject();
      json.writeStringField("name", input.name);
      json.writeStringField("datatype", input.type);
      json.writeArrayFieldStart("shape");
      for (long extent : signature.layout().shape(rows, images)) {
        json.writeNumber(extent);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("data");
      for (float value : arranged) {
        json.writeNumber(value);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndArray();
      json.writeArrayFieldStart("outputs");
      json.writeStartObject();
      json.writeStringField("name", output.name);
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory can be written to", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads an answer.
   *
   * @return [rows, classes]
   * @throws TargetException if it is none, of another shape, or not of finite numbers
   */
  float[] answers(byte[] body, int rows) {
    JsonNode found = null;
    for (JsonNode candidate : read(body).path("outputs")) {
      found = candidate.path("name").asText().equals(output.name) ? candidate : found;
    }
    if (found == null) {
      throw courier.problem(
          address, "expected an output " + courier.shown(output.name) + ", found none");
    }
    long[] shape = longs(found);
    if (shape.length < 2 || shape[0] != rows
        || Signature.rowElements(shape) != signature.classes()) {
      throw courier.problem(
          address, "expected an output of shape [" + rows + ", " + signature.classes()
              + "], as its metadata say, found " + Arrays.toString(shape));
    }
    float[] answers = new float[rows * signature.classes()];
    int count = collect(found.path("data"), answers, 0);
    if (count != answers.length) {
      throw courier.problem(
          address, "expected " + answers.length + " numbers for an output of shape "
              + Arrays.toString(shape) + ", found " + (count < 0 ? "more" : count));
    }
    return answers;
  }

  /** Numbers of an array that may be nested; the count so far, or −1 if there are too many. */
  private int collect(JsonNode data, float[] into, int count) {
    int at = count;
    for (JsonNode element : data) {
      if (element.isArray()) {
        at = collect(element, into, at);
      } else if (!element.isNumber() || !Float.isFinite(element.floatValue())) {
        throw courier.problem(
            address, "expected finite numbers, found " + courier.shown(element.toString())
                + " at place " + at);
      } else if (at >= 0 && at < into.length) {
        into[at++] = element.floatValue();
      } else {
        return -1;
      }
      if (at < 0) {
        return -1;
      }
    }
    return at;
  }

  private JsonNode read(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (IOException e) {
      // What the parser says may repeat the body, in which an endpoint may repeat the token.
      throw courier.problem(
          address, "expected JSON, found "
              + courier.shown(new String(body, StandardCharsets.UTF_8)));
    }
    throw courier.problem(address, "expected a JSON object, found something else");
  }
}
