package io.sagitta.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.Safetensors.Type;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The header of a safetensors file: read with every rule of the format checked, or written.
 *
 * @param dataStart where the tensors' bytes begin, in bytes from the file's start
 * @param tensors in the header's order; together they cover the rest of the file exactly once
 */
record SafetensorsHeader(long dataStart, List<Tensor> tensors, Map<String, String> metadata) {
  /** One tensor's claim; begin and end are bytes from {@link #dataStart}. */
  record Tensor(String name, Type type, long[] shape, long begin, long end) {}

  /** As in the reference implementation. */
  private static final int MAX_HEADER_BYTES = 100_000_000;
  /** More than any framework's tensors have. */
  private static final int MAX_RANK = 64;

  private static final String METADATA = "__metadata__";
  private static final int LENGTH_BYTES = 8;
  /** A valid header nests three deep: file, tensor, shape. */
  private static final int MAX_DEPTH = 4;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          // Names come from outside: keep them out of tables that outlive the file.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(32)
                  .maxStringLength(MAX_HEADER_BYTES)
                  .maxNameLength(1 << 16)
                  .build())
          .build();

  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < LENGTH_BYTES) {
      throw new BadFileException(
          file,
          "expected at least " + LENGTH_BYTES + " bytes of header length, found " + fileBytes);
    }
    ByteBuffer word = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(file, channel, word, 0);
    long length = word.getLong(0);
    long most = Math.min(MAX_HEADER_BYTES, fileBytes - LENGTH_BYTES);
    if (length < 2 || length > most) {
      throw new BadFileException(
          file,
          "expected a header of 2 to " + most + " bytes, found the length "
              + Long.toUnsignedString(length));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    readFully(file, channel, bytes, LENGTH_BYTES);
    long dataStart = LENGTH_BYTES + length;
    return new Reader(file, fileBytes - dataStart).header(dataStart, decode(file, bytes.rewind()));
  }

  static void readFully(Path file, FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        throw new BadFileException(file, "the file became shorter while it was read");
      }
    }
    into.rewind();
  }

  private static String decode(Path file, ByteBuffer bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      if (text.charAt(0) != '{') {
        throw new BadFileException(
            file, "expected a header that begins with '{', found " + Names.quote(text));
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new BadFileException(file, "expected a header in UTF-8, found other bytes", e);
    }
  }

  /** Parses one header; {@code dataBytes} is what the file has after it. */
  private record Reader(Path file, long dataBytes) {
    SafetensorsHeader header(long dataStart, String text) throws IOException {
      List<Tensor> tensors = new ArrayList<>();
      Map<String, String> metadata = Map.of();
      try (JsonParser json = JSON.createParser(text)) {
        expect(json, json.nextToken(), JsonToken.START_OBJECT, "the header");
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          if (name.equals(METADATA)) {
            metadata = metadata(json);
          } else {
            tensors.add(tensor(json, name));
          }
        }
        if (json.nextToken() != null) {
          throw bad("expected only spaces after the header's JSON, found " + json.currentToken());
        }
      } catch (JsonProcessingException e) {
        throw new BadFileException(
            file, "expected a header in JSON, found: " + e.getOriginalMessage(), e);
      }
      requireCover(tensors);
      return new SafetensorsHeader(dataStart, tensors, metadata);
    }

    private Map<String, String> metadata(JsonParser json) throws IOException {
      Map<String, String> metadata = new LinkedHashMap<>();
      expect(json, json.nextToken(), JsonToken.START_OBJECT, METADATA);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        expect(json, json.nextToken(), JsonToken.VALUE_STRING, METADATA + " " + Names.quote(key));
        metadata.put(key, json.getText());
      }
      return metadata;
    }

    private Tensor tensor(JsonParser json, String name) throws IOException {
      String what = "tensor " + Names.quote(name);
      Type type = null;
      long[] shape = null;
      long[] offsets = null;
      expect(json, json.nextToken(), JsonToken.START_OBJECT, what);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "dtype" -> type = type(json, what);
          case "shape" -> shape = numbers(json, what + " shape");
          case "data_offsets" -> offsets = numbers(json, what + " data_offsets");
          default -> throw bad(
              what + ": expected dtype, shape and data_offsets, found " + Names.quote(field));
        }
      }
      if (type == null || shape == null || offsets == null || offsets.length != 2) {
        throw bad(what + ": expected dtype, shape and two data_offsets, found one missing");
      }
      requireSize(what, type, shape, offsets);
      return new Tensor(name, type, shape, offsets[0], offsets[1]);
    }

    private Type type(JsonParser json, String what) throws IOException {
      expect(json, json.currentToken(), JsonToken.VALUE_STRING, what + " dtype");
      String name = json.getText();
      for (Type type : Type.values()) {
        if (type.name().equals(name)) {
          return type;
        }
      }
      throw bad(
          what + ": expected a dtype of " + Arrays.toString(Type.values()) + ", found "
              + Names.quote(name));
    }

    private long[] numbers(JsonParser json, String what) throws IOException {
      expect(json, json.currentToken(), JsonToken.START_ARRAY, what);
      long[] out = new long[MAX_RANK];
      int count = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
          throw bad(what + ": expected numbers in 0..2^63-1, found " + json.getText());
        }
        if (count == MAX_RANK) {
          throw bad(what + ": expected at most " + MAX_RANK + " numbers, found more");
        }
        out[count++] = json.getLongValue();
      }
      return Arrays.copyOf(out, count);
    }

    private void requireSize(String what, Type type, long[] shape, long[] offsets) {
      long expected;
      try {
        expected = Safetensors.byteCount(type, shape);
      } catch (ArithmeticException e) {
        throw new BadFileException(
            file, what + ": its shape " + Arrays.toString(shape) + " has too many elements", e);
      }
      if (offsets[0] > offsets[1] || offsets[1] > dataBytes) {
        throw bad(
            what + ": expected data_offsets within the " + dataBytes + " bytes of data, found "
                + Arrays.toString(offsets));
      }
      if (offsets[1] - offsets[0] != expected) {
        throw bad(
            what + ": expected " + expected + " bytes for " + type + Arrays.toString(shape)
                + ", found data_offsets " + Arrays.toString(offsets));
      }
      if (expected > Integer.MAX_VALUE - 8) {
        throw bad(what + ": expected at most 2 GiB in one tensor, found " + expected + " bytes");
      }
    }

    /** In order of their place, each tensor begins where the one before it ends. */
    private void requireCover(List<Tensor> tensors) {
      List<Tensor> ordered = new ArrayList<>(tensors);
      ordered.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
      long covered = 0;
      for (Tensor tensor : ordered) {
        if (tensor.begin() != covered) {
          throw bad(
              "tensor " + Names.quote(tensor.name()) + ": expected it to begin at byte " + covered
                  + ", where the one before it ends, found " + tensor.begin());
        }
        covered = tensor.end();
      }
      if (covered != dataBytes) {
        throw bad("expected " + covered + " bytes of tensors, found " + dataBytes);
      }
    }

    private void expect(JsonParser json, JsonToken found, JsonToken expected, String what)
        throws IOException {
      if (found != expected) {
        String text = found == null ? "the end" : found + " " + Names.quote(json.getText());
        throw bad(what + ": expected " + expected + ", found " + text);
      }
    }

    private BadFileException bad(String problem) {
      return new BadFileException(file, problem);
    }
  }

  /**
   * The bytes before the data: length and JSON, padded with spaces to a multiple of eight.
   *
   * @param listed the tensors in the order of the header
   * @param layout the same tensors in the order of their bytes
   */
  static byte[] write(List<Entry> listed, List<Entry> layout, Map<String, String> metadata) {
    Map<String, Long> begins = new HashMap<>();
    long end = 0;
    for (Entry entry : layout) {
      if (entry.name().equals(METADATA) || begins.put(entry.name(), end) != null) {
        throw new IllegalArgumentException(
            "safetensors: expected different names, none of them " + METADATA + ", got '"
                + entry.name() + "'" + (entry.name().equals(METADATA) ? "" : " twice"));
      }
      end += entry.data().remaining();
    }
    byte[] json = json(listed, begins, metadata);
    int padded = (json.length + LENGTH_BYTES - 1) / LENGTH_BYTES * LENGTH_BYTES;
    if (padded > MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "safetensors: expected a header of at most " + MAX_HEADER_BYTES + " bytes, got "
              + padded);
    }
    byte[] out = new byte[LENGTH_BYTES + padded];
    Arrays.fill(out, (byte) ' ');
    ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
    return out;
  }

  private static byte[] json(
      List<Entry> listed, Map<String, Long> begins, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> item : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(item.getKey(), item.getValue());
        }
        json.writeEndObject();
      }
      for (Entry entry : listed) {
        long begin = begins.get(entry.name());
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.type().name());
        json.writeFieldName("shape");
        long[] shape = entry.shape();
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, begin + entry.data().remaining()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("safetensors: cannot encode the header: " + e, e);
    }
    return bytes.toByteArray();
  }
}
