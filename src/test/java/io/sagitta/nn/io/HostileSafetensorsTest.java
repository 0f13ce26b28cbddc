package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostileSafetensorsTest {
  private static final Path FOLDER = HostileFiles.newFolder();
  /** What reading any file of a few kilobytes may cost: parser buffers, messages, copies. */
  private static final long HEAP_BYTES = 1 << 20;

  private static final byte[] GOLDEN = HostileFiles.golden("io/golden.safetensors");

  @AfterAll
  @AfterContainer
  static void deleteFolder() {
    if (Files.exists(FOLDER)) {
      HostileFiles.delete(FOLDER);
    }
  }

  @Property(tries = 2000, seed = "1")
  void everyMutatedFileIsReadOrRefused(@ForAll Random random) {
    readMutated(HostileFiles.mutate(GOLDEN, random));
  }

  /** The length word is kept right, so that the JSON itself is reached. */
  @Property(tries = 2000, seed = "2")
  void everyMutatedHeaderIsReadOrRefused(@ForAll Random random) {
    int length = ByteBuffer.wrap(GOLDEN).order(ByteOrder.LITTLE_ENDIAN).getInt();
    byte[] json = new byte[length];
    System.arraycopy(GOLDEN, 8, json, 0, length);
    byte[] changed = HostileFiles.mutate(json, random);
    ByteBuffer file =
        ByteBuffer.allocate(8 + changed.length + GOLDEN.length - 8 - length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(changed.length).put(changed);
    file.put(GOLDEN, 8 + length, GOLDEN.length - 8 - length);
    readMutated(file.array());
  }

  private static void readMutated(byte[] bytes) {
    Path file = HostileFiles.put(FOLDER.resolve("mutated"), bytes);
    HostileFiles.readBounded(
        file,
        HEAP_BYTES,
        () -> {
          long total = 0;
          for (Safetensors.Entry entry : Safetensors.read(file).entries().values()) {
            total += entry.data().remaining();
          }
          assertThat(total).isLessThanOrEqualTo(bytes.length);
        });
  }

  static Stream<Arguments> lyingHeaders() {
    String two = "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":";
    return Stream.of(
        header("not JSON", "{nonsense", 0, "header in JSON"),
        header("an array", "[]", 0, "begins with '{'"),
        header("leading space", " {}", 0, "begins with '{'"),
        header("something after", "{} {}", 0, "only spaces after"),
        header("deep nesting", "{\"a\":" + "[".repeat(5000), 0, "expected START_OBJECT"),
        header("deep shape", "{\"a\":{\"shape\":" + "[".repeat(5000), 0, "VALUE_NUMBER_INT"),
        header("no object", "{\"a\":3}", 0, "'a': expected START_OBJECT"),
        header("duplicate names", "{" + tensor("a", "[4]", "[0,4]") + ","
            + tensor("a", "[4]", "[0,4]") + "}", 4, "Duplicate field 'a'"),
        header("duplicate escaped", "{" + tensor("a", "[4]", "[0,4]") + ","
            + tensor("\\u0061", "[4]", "[0,4]") + "}", 4, "Duplicate field 'a'"),
        header("duplicate field", "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[4],"
            + "\"data_offsets\":[0,4]}}", 4, "Duplicate field 'dtype'"),
        header("duplicate metadata", "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0,
            "Duplicate field 'k'"),
        header("metadata not text", "{\"__metadata__\":{\"k\":1}}", 0, "expected VALUE_STRING"),
        header("unknown type", "{\"a\":{\"dtype\":\"U9\",\"shape\":[4],\"data_offsets\":[0,4]}}",
            4, "'a': expected a dtype of [F64, F32"),
        header("unknown field", "{\"a\":{\"type\":\"U8\"}}", 4, "found 'type'"),
        header("missing field", "{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", 4, "one missing"),
        header("one offset", "{" + tensor("a", "[4]", "[4]") + "}", 4, "two data_offsets"),
        header("negative extent", "{" + tensor("a", "[-4]", "[0,4]") + "}", 4, "found -4"),
        header("negative offset", "{" + tensor("a", "[4]", "[-4,0]") + "}", 4, "found -4"),
        header("fraction", "{" + tensor("a", "[4.0]", "[0,4]") + "}", 4, "VALUE_NUMBER_INT"),
        header("beyond 2^63", "{" + tensor("a", "[9223372036854775808]", "[0,4]") + "}", 4,
            "found 9223372036854775808"),
        header("overflowing product", "{" + tensor("a", "[4294967296,4294967296]", "[0,0]") + "}",
            0, "too many elements"),
        header("overflow hidden by zero", "{" + tensor("a", "[4294967296,4294967296,0]", "[0,4]")
            + "}", 4, "expected 0 bytes"),
        header("wrong size", "{" + tensor("a", "[5]", "[0,4]") + "}", 4, "expected 5 bytes"),
        header("out of range", "{" + tensor("a", "[9]", "[0,9]") + "}", 4, "within the 4 bytes"),
        header("end before begin", "{" + tensor("a", "[0]", "[4,0]") + "}", 4, "within the 4"),
        header("overlap", "{" + tensor("a", "[2]", "[0,2]") + "," + two + "[1,3]}}", 3,
            "'b': expected it to begin at byte 2"),
        header("hole", "{" + tensor("a", "[2]", "[0,2]") + "," + two + "[3,5]}}", 5,
            "'b': expected it to begin at byte 2"),
        header("hole at the start", "{" + tensor("a", "[2]", "[1,3]") + "}", 3, "at byte 0"),
        header("trailing bytes", "{" + tensor("a", "[2]", "[0,2]") + "}", 9, "found 9"),
        header("too many extents", "{" + tensor("a", "[" + "1,".repeat(99) + "1]", "[0,1]") + "}",
            1, "at most 64"));
  }

  private static String tensor(String name, String shape, String offsets) {
    return "\"" + name + "\":{\"dtype\":\"U8\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
        + "}";
  }

  private static Arguments header(String what, String json, int data, String problem) {
    return Arguments.of(what, json, data, problem);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lyingHeaders")
  void aLyingHeaderIsRefused(String what, String json, int data, String problem) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    requireRefused(withLength(text.length, text, data), problem);
  }

  @Test
  void aLyingLengthIsRefused() {
    requireRefused(new byte[3], "at least 8 bytes of header length, found 3");
    requireRefused(withLength(0, new byte[0], 0), "found the length 0");
    requireRefused(withLength(-1, "{}".getBytes(StandardCharsets.UTF_8), 0),
        "expected a header of 2 to 2 bytes, found the length 18446744073709551615");
    requireRefused(withLength(100_000_001, new byte[64], 0), "found the length 100000001");
    requireRefused(withLength(3, "{}".getBytes(StandardCharsets.UTF_8), 0), "length 3");
  }

  @Test
  void aHeaderThatIsNotUtf8IsRefused() {
    byte[] overlong = {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'};
    byte[] surrogate = {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'};
    requireRefused(withLength(overlong.length, overlong, 0), "header in UTF-8");
    requireRefused(withLength(surrogate.length, surrogate, 0), "header in UTF-8");
  }

  /** A sparse file: the claim is honest about the length, and still beyond the limit. */
  @Test
  void aHugeHeaderInAHugeFileIsRefusedWithoutReadingIt() throws IOException {
    Path file = FOLDER.resolve("sparse");
    Files.write(file, withLength(1L << 30, new byte[0], 0));
    try (var channel = Files.newByteChannel(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.position(2L << 30);
      channel.write(ByteBuffer.wrap(new byte[1]));
    }
    assertThat(HostileFiles.readBounded(file, HEAP_BYTES, () -> Safetensors.read(file)))
        .contains("expected a header of 2 to 100000000 bytes, found the length 1073741824");
    Files.delete(file);
  }

  private static byte[] withLength(long length, byte[] header, int data) {
    return ByteBuffer.allocate(8 + header.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(header)
        .array();
  }

  private static void requireRefused(byte[] bytes, String problem) {
    Path file = HostileFiles.put(FOLDER.resolve("lie"), bytes);
    assertThat(HostileFiles.readBounded(file, HEAP_BYTES, () -> Safetensors.read(file)))
        .contains(problem);
  }
}
