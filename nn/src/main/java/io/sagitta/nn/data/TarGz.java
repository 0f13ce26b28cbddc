package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Reads a {@code .tar.gz} (POSIX ustar, GNU or pax) as a stream of its regular files. Nothing is
 * written to disk, so names cannot lead anywhere; the unpacked size and the number of entries are
 * bounded. Long names and pax attributes are skipped: what is looked for has a short name.
 */
final class TarGz {
  /** Three times CIFAR's; a bomb is given up here. */
  static final long MAX_UNPACKED_BYTES = 512L << 20;

  private static final int MAX_ENTRIES = 10_000;
  /** No deflate stream expands further. */
  private static final int MAX_RATIO = 1032;

  private static final int BLOCK = 512;
  private static final int NAME_BYTES = 100;
  private static final int SIZE_AT = 124;
  private static final int CHECKSUM_AT = 148;
  private static final int TYPE_AT = 156;
  private static final int MAGIC_AT = 257;
  private static final int PREFIX_AT = 345;
  private static final int PREFIX_BYTES = 155;
  private static final int NUMBER_BYTES = 12;
  private static final int CHECKSUM_BYTES = 8;

  /** Receives a regular file. */
  interface Visitor {
    /**
     * @param bytes the entry's length; never more than an archive of this size can hold
     * @param in the content; what is left unread is skipped
     */
    void entry(String name, long bytes, InputStream in) throws IOException;
  }

  private final Path archive;
  private final Unpacked in;
  private final byte[] header = new byte[BLOCK];

  private TarGz(Path archive, Unpacked in) {
    this.archive = archive;
    this.in = in;
  }

  /**
   * Visits the regular files in their order, to the archive's end, so that its checksum is checked.
   *
   * @throws BadFileException if it is not a whole, sound archive
   */
  static void read(Path archive, Visitor visitor) {
    try (InputStream file = Files.newInputStream(archive)) {
      long most = Math.min(MAX_UNPACKED_BYTES, Files.size(archive) * MAX_RATIO);
      InputStream unzipped = new GZIPInputStream(new BufferedInputStream(file), 1 << 16);
      new TarGz(archive, new Unpacked(archive, unzipped, most)).visit(visitor);
    } catch (IOException e) {
      throw new BadFileException(archive, "expected a sound .tar.gz archive, found " + e, e);
    }
  }

  private void visit(Visitor visitor) throws IOException {
    for (int entries = 0; readHeader(); entries++) {
      if (entries == MAX_ENTRIES) {
        throw new BadFileException(archive, "expected at most " + MAX_ENTRIES + " entries");
      }
      long bytes = number(SIZE_AT, NUMBER_BYTES);
      char type = (char) header[TYPE_AT];
      if (type >= '1' && type <= '6') {
        // Links, devices and folders have no content, whatever their size says.
        continue;
      }
      if (bytes > in.most - in.passed) {
        throw new BadFileException(
            archive,
            "entry " + Names.quote(name()) + ": expected at most " + (in.most - in.passed)
                + " bytes in an archive of this size, found a claim of " + bytes);
      }
      long end = in.passed + bytes;
      if (type == 0 || type == '0' || type == '7') {
        visitor.entry(name(), bytes, new Content(in, end));
      }
      skip(end + padding(bytes) - in.passed);
    }
    skipToEnd();
  }

  private static long padding(long bytes) {
    return (BLOCK - bytes % BLOCK) % BLOCK;
  }

  /** Fills the header; false at the block of zeros that ends the archive. */
  private boolean readHeader() throws IOException {
    long at = in.passed;
    if (in.readNBytes(header, 0, BLOCK) < BLOCK) {
      throw new BadFileException(archive, "the archive ends early, at byte " + at);
    }
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      boolean blank = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_BYTES;
      sum += blank ? ' ' : header[i] & 0xFF;
    }
    if (sum == CHECKSUM_BYTES * ' ' && header[CHECKSUM_AT] == 0) {
      return false;
    }
    if (sum != number(CHECKSUM_AT, CHECKSUM_BYTES)) {
      throw new BadFileException(
          archive, "expected a tar header with its checksum at byte " + at + ", found other bytes");
    }
    return true;
  }

  /** The second block of zeros and what fills the last record. */
  private void skipToEnd() throws IOException {
    while (in.read(header, 0, BLOCK) >= 0) {
      continue;
    }
  }

  private void skip(long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      int n = in.read(header, 0, (int) Math.min(left, BLOCK));
      if (n < 0) {
        throw new EOFException("the end of the archive inside an entry");
      }
      left -= n;
    }
  }

  private String name() {
    String name = text(0, NAME_BYTES);
    boolean posix = text(MAGIC_AT, 6).equals("ustar") && header[MAGIC_AT + 5] == 0;
    String prefix = posix ? text(PREFIX_AT, PREFIX_BYTES) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String text(int at, int bytes) {
    int end = at;
    while (end < at + bytes && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.UTF_8);
  }

  /** A number: octal digits between blanks, or base 256 when the first bit is set (GNU). */
  private long number(int at, int bytes) {
    if ((header[at] & 0x80) != 0) {
      return base256(at, bytes);
    }
    long value = 0;
    for (int i = at; i < at + bytes; i++) {
      if (header[i] >= '0' && header[i] <= '7') {
        value = value << 3 | header[i] - '0';
      } else if (header[i] != ' ' && header[i] != 0) {
        throw new BadFileException(
            archive,
            "expected an octal number in a tar header, found " + Names.quote(text(at, bytes)));
      }
    }
    return value;
  }

  private long base256(int at, int bytes) {
    long value = header[at] & 0x7F;
    for (int i = at + 1; i < at + bytes; i++) {
      if (value > Long.MAX_VALUE >> 8) {
        throw new BadFileException(archive, "a tar header has a number above 2^63");
      }
      value = value << 8 | header[i] & 0xFF;
    }
    return value;
  }

  /** The unpacked archive: counts, and gives up beyond the limit. */
  private static final class Unpacked extends InputStream {
    private final Path archive;
    private final InputStream in;
    private final long most;
    private long passed;

    Unpacked(Path archive, InputStream in, long most) {
      this.archive = archive;
      this.in = in;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] out, int at, int length) throws IOException {
      int n = in.read(out, at, length);
      passed += Math.max(n, 0);
      if (passed > most) {
        throw new BadFileException(
            archive, "expected at most " + most + " bytes unpacked, found more");
      }
      return n;
    }
  }

  /** One entry's bytes. */
  private static final class Content extends InputStream {
    private final Unpacked in;
    private final long end;

    Content(Unpacked in, long end) {
      this.in = in;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      return in.passed < end ? in.read() : -1;
    }

    @Override
    public int read(byte[] out, int at, int length) throws IOException {
      if (in.passed >= end) {
        return -1;
      }
      return in.read(out, at, (int) Math.min(length, end - in.passed));
    }
  }
}
