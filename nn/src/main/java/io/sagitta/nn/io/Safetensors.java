package io.sagitta.nn.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors in files, in the safetensors format (huggingface/safetensors): eight bytes of header
 * length, a JSON header, then every tensor's little-endian, row-major bytes without gaps. Reading
 * checks the whole header first, so no claim in it costs more memory than the file has bytes;
 * writing is atomic and lays tensors out by falling element size, so that each is aligned.
 */
public final class Safetensors {
  /** An element type, with its name in the format. */
  public enum Type {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * One tensor: its name, type, shape and bytes. Its errors are a {@link BadFileException} when it
   * came from a file, an {@link IllegalArgumentException} otherwise.
   */
  public static final class Entry {
    private final String name;
    private final Type type;
    private final long[] shape;
    private final ByteBuffer data;
    private final Path source;

    /**
     * @param shape extents, none negative; empty for a scalar
     * @param data exactly the bytes of the shape and type, from position to limit; not copied
     */
    public Entry(String name, Type type, long[] shape, ByteBuffer data) {
      this(name, type, shape, data, null);
    }

    Entry(String name, Type type, long[] shape, ByteBuffer data, Path source) {
      long expected = byteCount(type, shape);
      if (expected != data.remaining()) {
        throw new IllegalArgumentException(
            "safetensors: tensor " + Names.quote(name) + " of type " + type + " and shape "
                + Arrays.toString(shape) + ": expected " + expected + " bytes, got "
                + data.remaining());
      }
      this.name = name;
      this.type = type;
      this.shape = shape.clone();
      this.data = data.slice().asReadOnlyBuffer();
      this.source = source;
    }

    /** Values as F32. */
    public static Entry ofFloats(String name, long[] shape, float[] v) {
      return of(name, Type.F32, shape, v);
    }

    /**
     * Values as F32, or rounded to F16 or BF16 (to nearest, ties to even).
     *
     * @param type F32, F16 or BF16
     */
    public static Entry of(String name, Type type, long[] shape, float[] v) {
      return new Entry(name, type, shape, Elements.fromFloats(name, type, v));
    }

    /** Values as F64. */
    public static Entry ofDoubles(String name, long[] shape, double[] v) {
      return new Entry(name, Type.F64, shape, Elements.fromDoubles(v));
    }

    /** Values as I64. */
    public static Entry ofLongs(String name, long[] shape, long[] v) {
      return of(name, Type.I64, shape, v);
    }

    /**
     * Values as whole numbers of a narrower type; a value outside its range is an error.
     *
     * @param type I64, I32, I16, I8, U8 or BOOL
     */
    public static Entry of(String name, Type type, long[] shape, long[] v) {
      return new Entry(name, type, shape, Elements.fromLongs(name, type, v));
    }

    /** Values as I8; the array is not copied. */
    public static Entry ofBytes(String name, long[] shape, byte[] v) {
      return new Entry(name, Type.I8, shape, ByteBuffer.wrap(v));
    }

    /** Values as U8; the array is not copied. */
    public static Entry ofUnsignedBytes(String name, long[] shape, byte[] v) {
      return new Entry(name, Type.U8, shape, ByteBuffer.wrap(v));
    }

    public String name() {
      return name;
    }

    public Type type() {
      return type;
    }

    /** The extents; a copy. */
    public long[] shape() {
      return shape.clone();
    }

    /** The number of elements. */
    public int size() {
      return data.capacity() / type.bytes;
    }

    /** The bytes: read-only, little-endian, a view of its own position. */
    public ByteBuffer data() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The elements of an F32, F16 or BF16 tensor. */
    public float[] floats() {
      return Elements.toFloats(this);
    }

    /** The elements of an F64, F32, F16 or BF16 tensor. */
    public double[] doubles() {
      return Elements.toDoubles(this);
    }

    /** The elements of an I64, I32, I16, I8, U8 or BOOL tensor; U8 is 0 to 255, BOOL 0 or 1. */
    public long[] longs() {
      return Elements.toLongs(this);
    }

    /** The bytes of an I8, U8 or BOOL tensor, as they stand. */
    public byte[] bytes() {
      if (type.bytes != 1) {
        throw misfit("I8, U8 or BOOL");
      }
      byte[] out = new byte[data.capacity()];
      data().get(out);
      return out;
    }

    RuntimeException misfit(String expected) {
      String problem =
          "tensor " + Names.quote(name) + ": expected type " + expected + ", found " + type;
      return source == null
          ? new IllegalArgumentException("safetensors: " + problem)
          : new BadFileException(source, problem);
    }

    @Override
    public String toString() {
      return Names.quote(name) + " " + type + Arrays.toString(shape);
    }
  }

  /** A file's tensors, in the header's order, and its free text. */
  public static final class File {
    private final Map<String, Entry> entries;
    private final Map<String, String> metadata;
    private final Path source;

    /** Keeps copies of both maps, in their order. */
    public File(Map<String, Entry> entries, Map<String, String> metadata) {
      this(entries, metadata, null);
    }

    private File(Map<String, Entry> entries, Map<String, String> metadata, Path source) {
      this.entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
      this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
      this.source = source;
    }

    public Map<String, Entry> entries() {
      return entries;
    }

    public Map<String, String> metadata() {
      return metadata;
    }

    /**
     * One tensor.
     *
     * @throws BadFileException (IllegalArgumentException if not from a file) naming what is there
     */
    public Entry entry(String name) {
      Entry entry = entries.get(name);
      if (entry != null) {
        return entry;
      }
      String problem =
          "expected a tensor " + Names.quote(name) + ", found " + Names.list(entries.keySet());
      throw source == null
          ? new IllegalArgumentException("safetensors: " + problem)
          : new BadFileException(source, problem);
    }
  }

  private Safetensors() {}

  /**
   * Reads a whole file into memory. A single tensor may have up to 2 GiB.
   *
   * @throws BadFileException if the file is absent, unreadable or breaks the format anywhere
   */
  public static File read(Path p) {
    try (FileChannel channel = FileChannel.open(p)) {
      SafetensorsHeader header = SafetensorsHeader.read(p, channel);
      Map<String, Entry> entries = new LinkedHashMap<>();
      for (SafetensorsHeader.Tensor tensor : header.tensors()) {
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(tensor.end() - tensor.begin()));
        SafetensorsHeader.readFully(p, channel, data, header.dataStart() + tensor.begin());
        entries.put(
            tensor.name(), new Entry(tensor.name(), tensor.type(), tensor.shape(), data, p));
      }
      return new File(entries, header.metadata(), p);
    } catch (NoSuchFileException e) {
      throw new BadFileException(p, "expected a safetensors file, found nothing of this name", e);
    } catch (IOException e) {
      throw new BadFileException(p, "expected a readable safetensors file, found " + e, e);
    }
  }

  /**
   * Writes a file: whole or not at all. The same entries and metadata give the same bytes.
   *
   * @param entries kept in this order in the header; names differ and are not {@code __metadata__}
   * @param metadata free text, written in the order of its keys
   * @throws java.io.UncheckedIOException naming the file, when it cannot be written
   */
  public static void write(Path p, List<Entry> entries, Map<String, String> metadata) {
    List<Entry> layout =
        entries.stream().sorted(Comparator.comparing((Entry e) -> -e.type().bytes())).toList();
    byte[] header = SafetensorsHeader.write(entries, layout, metadata);
    long bytes = header.length;
    for (Entry entry : entries) {
      bytes += entry.data.capacity();
    }
    AtomicFiles.write(
        p,
        bytes,
        out -> {
          out.write(header);
          for (Entry entry : layout) {
            writeData(entry.data(), out);
          }
        });
  }

  private static void writeData(ByteBuffer data, OutputStream out) throws IOException {
    byte[] chunk = new byte[Math.min(data.remaining(), 1 << 16)];
    while (data.hasRemaining()) {
      int length = Math.min(data.remaining(), chunk.length);
      data.get(chunk, 0, length);
      out.write(chunk, 0, length);
    }
  }

  /** Bytes of a shape and type; an error when it has negative extents or more than 2^63 − 1. */
  static long byteCount(Type type, long[] shape) {
    long count = type.bytes;
    boolean empty = false;
    for (long extent : shape) {
      if (extent < 0) {
        throw new ArithmeticException("negative extent " + extent);
      }
      empty |= extent == 0;
    }
    for (long extent : empty ? new long[0] : shape) {
      count = Math.multiplyExact(count, extent);
    }
    return empty ? 0 : count;
  }
}
