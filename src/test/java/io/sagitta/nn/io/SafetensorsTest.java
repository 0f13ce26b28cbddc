package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.Safetensors.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
  private static final float[] FLOATS = {
    0f, -0f, 1f, -2.5f, 65504f, 65519.996f, 65520f, 1e-8f, 0x1p-24f, 0x1p-25f, 0x1.8p-24f, 2049f,
    2051f, 1f / 3, Float.POSITIVE_INFINITY
  };

  @TempDir Path folder;

  @Test
  void readsTheFileOfAnIndependentWriter() {
    Safetensors.File file = Safetensors.read(golden());

    assertThat(file.entries().keySet())
        .containsExactly(
            "f64", "i64", "f32", "i32", "f16", "bf16", "i16", "i8", "u8", "bool",
            "leer/0×3 \"\\");
    assertThat(file.metadata()).isEqualTo(Map.of("format", "pt", "größe", "6\n\t\"x\""));
    assertThat(file.entry("f64").doubles()).containsExactly(1 / 3.0, -1e300);
    assertThat(file.entry("i64").longs()).containsExactly(Long.MIN_VALUE);
    assertThat(file.entry("i64").shape()).isEmpty();
    assertThat(file.entry("f32").floats()).containsExactly(FLOATS);
    assertThat(file.entry("i32").longs()).containsExactly(Integer.MIN_VALUE, 7);
    assertThat(file.entry("i32").shape()).containsExactly(1, 2);
    assertThat(file.entry("f16").floats())
        .containsExactly(
            0f, -0f, 1f, -2.5f, 65504f, 65504f, Float.POSITIVE_INFINITY, 0f, 0x1p-24f, 0f,
            0x1p-23f, 2048f, 2052f, 0x1.554p-2f, Float.POSITIVE_INFINITY);
    assertThat(file.entry("bf16").floats()).containsExactly(1.5f, -3f);
    assertThat(file.entry("i16").longs()).containsExactly(-32768, 300);
    assertThat(file.entry("i8").longs()).containsExactly(-128, 0, 127);
    assertThat(file.entry("u8").longs()).containsExactly(0, 128, 255);
    assertThat(file.entry("u8").bytes()).containsExactly(0, -128, -1);
    assertThat(file.entry("bool").longs()).containsExactly(1, 0);
    assertThat(file.entry("leer/0×3 \"\\").floats()).isEmpty();
    assertThat(file.entry("leer/0×3 \"\\").shape()).containsExactly(0, 3);
  }

  @Test
  void roundsToHalfAsTheIndependentWriterDoes() {
    Entry golden = Safetensors.read(golden()).entry("f16");
    Entry ours = Entry.of("f16", Type.F16, new long[] {FLOATS.length}, FLOATS);
    assertThat(ours.data()).isEqualTo(golden.data());
  }

  @Test
  void writesTheBytesOfTheFormat() throws Exception {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(
        file,
        List.of(
            Entry.ofUnsignedBytes("b", new long[] {1}, new byte[] {-1}),
            Entry.ofFloats("a", new long[] {}, new float[] {1f})),
        Map.of("k", "v"));

    String json =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
    int padded = (json.length() + 7) / 8 * 8;
    ByteBuffer expected = ByteBuffer.allocate(8 + padded + 5).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded).put(json.getBytes(StandardCharsets.UTF_8));
    expected.put(" ".repeat(padded - json.length()).getBytes(StandardCharsets.UTF_8));
    expected.put(new byte[] {0, 0, (byte) 0x80, 0x3F, -1});
    assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
  }

  @Test
  void everyTypeSurvivesARoundTripAlignedToItsSize() {
    Path file = folder.resolve("all.safetensors");
    long[] shape = {3, 1};
    List<Entry> entries =
        List.of(
            Entry.ofBytes("i8", shape, new byte[] {-128, 0, 127}),
            Entry.of("f16", Type.F16, shape, new float[] {1, -2, 0.5f}),
            Entry.ofDoubles("f64", shape, new double[] {Math.PI, -0.0, Double.NaN}),
            Entry.of("bool", Type.BOOL, shape, new long[] {1, 0, 1}),
            Entry.of("bf16", Type.BF16, shape, new float[] {1, -2, 0.5f}),
            Entry.of("i32", Type.I32, shape, new long[] {1L << 30, -1, 0}),
            Entry.ofUnsignedBytes("u8", shape, new byte[] {-128, 0, 127}),
            Entry.ofLongs("i64", shape, new long[] {Long.MAX_VALUE, -1, 0}),
            Entry.of("i16", Type.I16, shape, new long[] {-32768, 32767, 0}),
            Entry.ofFloats("f32", shape, new float[] {1.5f, Float.MIN_VALUE, 3}));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "");
    metadata.put("a", "ü\u0000\u2028");
    Safetensors.write(file, entries, metadata);

    Safetensors.File back = Safetensors.read(file);
    assertThat(back.metadata()).isEqualTo(metadata);
    assertThat(back.entries().keySet())
        .containsExactlyElementsOf(entries.stream().map(Entry::name).toList());
    for (Entry entry : entries) {
      Entry found = back.entry(entry.name());
      assertThat(found.type()).isEqualTo(entry.type());
      assertThat(found.shape()).isEqualTo(entry.shape());
      assertThat(found.data()).isEqualTo(entry.data());
    }
    long begin = 0;
    for (String name : List.of("f64", "i64", "i32", "f32", "f16", "bf16", "i16")) {
      // Stable by falling size: no tensor starts off its own size.
      assertThat(begin % back.entry(name).type().bytes()).isZero();
      begin += back.entry(name).data().remaining();
    }
  }

  @Test
  void theSameContentGivesTheSameBytes() {
    Entry entry = Entry.ofFloats("x", new long[] {1}, new float[] {1});
    Map<String, String> forward = new LinkedHashMap<>();
    Map<String, String> backward = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forward.put("key" + i, "v");
      backward.put("key" + (19 - i), "v");
    }
    Safetensors.write(folder.resolve("1"), List.of(entry), forward);
    Safetensors.write(folder.resolve("2"), List.of(entry), backward);
    assertThat(Hashes.sha256(folder.resolve("1"))).isEqualTo(Hashes.sha256(folder.resolve("2")));
  }

  @Test
  void anEmptyFileHasNoTensors() {
    Path file = folder.resolve("empty");
    Safetensors.write(file, List.of(), Map.of());
    assertThat(Safetensors.read(file).entries()).isEmpty();
    assertThat(Safetensors.read(file).metadata()).isEmpty();
  }

  @Test
  void namesWhatIsThereWhenATensorIsMissing() {
    Path file = golden();
    assertThatThrownBy(() -> Safetensors.read(file).entry("conv1.weight"))
        .isInstanceOf(BadFileException.class)
        .hasMessageStartingWith(file + ": expected a tensor 'conv1.weight', found 'f64', 'i64'");
  }

  @ParameterizedTest
  @EnumSource(Type.class)
  void convertsOnlyWhereNothingIsLost(Type type) {
    Entry entry = new Entry("t", type, new long[] {2}, ByteBuffer.allocate(2 * type.bytes()));
    requireFits(type, List.of(Type.F32, Type.F16, Type.BF16), entry::floats);
    requireFits(type, List.of(Type.F64, Type.F32, Type.F16, Type.BF16), entry::doubles);
    requireFits(
        type,
        List.of(Type.I64, Type.I32, Type.I16, Type.I8, Type.U8, Type.BOOL),
        entry::longs);
    requireFits(type, List.of(Type.I8, Type.U8, Type.BOOL), entry::bytes);
  }

  private static void requireFits(Type type, List<Type> fitting, Runnable conversion) {
    if (fitting.contains(type)) {
      conversion.run();
    } else {
      assertThatThrownBy(conversion::run)
          .hasMessageStartingWith("safetensors: tensor 't': expected type " + fitting.get(0))
          .hasMessageEndingWith("found " + type);
    }
  }

  @Test
  void aConversionErrorNamesTheFile() {
    Path file = golden();
    assertThatThrownBy(() -> Safetensors.read(file).entry("u8").floats())
        .isInstanceOf(BadFileException.class)
        .hasMessage(file + ": tensor 'u8': expected type F32, F16 or BF16, found U8");
  }

  @Test
  void entriesRefuseWhatDoesNotFit() {
    assertThatThrownBy(() -> Entry.ofFloats("x", new long[] {2, 2}, new float[3]))
        .hasMessage("safetensors: tensor 'x' of type F32 and shape [2, 2]: expected 16 bytes, "
            + "got 12");
    assertThatThrownBy(() -> Entry.of("x", Type.U8, new long[] {1}, new long[] {256}))
        .hasMessage("safetensors: tensor 'x' of type U8: expected values in 0..255, got 256");
    assertThatThrownBy(() -> Entry.of("x", Type.I32, new long[] {1}, new float[1]))
        .hasMessage("safetensors: tensor 'x': expected type F32, F16 or BF16, got I32");
    assertThatThrownBy(() -> Entry.of("x", Type.F32, new long[] {1}, new long[1]))
        .hasMessageContaining("expected type I64, I32, I16, I8, U8 or BOOL, got F32");
  }

  @Test
  void refusesToWriteANameTwiceOrTheReservedOne() {
    Entry entry = Entry.ofBytes("x", new long[] {1}, new byte[1]);
    Entry reserved = Entry.ofBytes("__metadata__", new long[] {1}, new byte[1]);
    Path file = folder.resolve("x");
    assertThatThrownBy(() -> Safetensors.write(file, List.of(entry, entry), Map.of()))
        .hasMessageEndingWith("got 'x' twice");
    assertThatThrownBy(() -> Safetensors.write(file, List.of(reserved), Map.of()))
        .hasMessageEndingWith("got '__metadata__'");
    assertThat(file).doesNotExist();
  }

  @Test
  void dataIsReadOnlyAndEachViewHasItsOwnPosition() {
    Entry entry = Entry.ofLongs("x", new long[] {2}, new long[] {1, 2});
    assertThat(entry.data().getLong()).isEqualTo(1);
    assertThat(entry.data().getLong()).isEqualTo(1);
    assertThat(entry.data().isReadOnly()).isTrue();
    entry.shape()[0] = 7;
    assertThat(entry.shape()).containsExactly(2);
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = folder.resolve("none.safetensors");
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(BadFileException.class)
        .hasMessage(file + ": expected a safetensors file, found nothing of this name");
    assertThatThrownBy(() -> Safetensors.read(folder)).isInstanceOf(BadFileException.class);
  }

  private Path golden() {
    return HostileFiles.put(
        folder.resolve("golden.safetensors"), HostileFiles.golden("io/golden.safetensors"));
  }
}
