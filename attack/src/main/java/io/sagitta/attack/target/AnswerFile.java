package io.sagitta.attack.target;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Hashes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The answers of one target to images, by half of the images' SHA-256, and how many images were
 * sent. The file only grows:
 *
 * <pre>
 * "sagitta-answers-1\n", SHA-256 of the target's identity and sizes [32]
 * records of one size, little-endian: hash [16], answer F32 [classes], CRC-32 of both [4]
 * </pre>
 *
 * <p>A record whose hash is zero counts images sent, in the eight bytes after it. What was appended
 * is on the disk when the call returns. A record that a crash cut short, or that never reached the
 * disk, is at the end, and is cut off when the file is opened again; elsewhere a bad record is an
 * error.
 */
final class AnswerFile implements AutoCloseable {
  private static final byte[] MAGIC = "sagitta-answers-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int OWNER_BYTES = 32;
  private static final int HASH_BYTES = 16;
  private static final int CRC_BYTES = 4;
  private static final int HEADER_BYTES = MAGIC.length + OWNER_BYTES;
  private static final Key SENT = new Key(0, 0);

  private final Path path;
  private final FileChannel channel;
  private final int classes;
  private final ByteBuffer record;
  private final Map<Key, Integer> places = new HashMap<>();
  private int records;
  private long sent;

  /** 128 bits of the hash of an image's numbers. */
  record Key(long a, long b) {
    static Key of(float[] images, int from, int elements) {
      ByteBuffer bytes =
          ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(images, from, elements);
      MessageDigest digest = Hashes.newSha256();
      digest.update(bytes);
      return read(ByteBuffer.wrap(digest.digest()).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static Key read(ByteBuffer bytes) {
      return new Key(bytes.getLong(), bytes.getLong());
    }

    private void write(ByteBuffer bytes) {
      bytes.putLong(a).putLong(b);
    }
  }

  private AnswerFile(Path path, FileChannel channel, int classes) {
    this.path = path;
    this.channel = channel;
    this.classes = classes;
    int answerBytes = Math.max(classes * Float.BYTES, Long.BYTES);
    this.record =
        ByteBuffer.allocate(HASH_BYTES + answerBytes + CRC_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Opens the file, or begins one.
   *
   * @param identity of the target
   * @throws BadFileException if it has the answers of another target, or is damaged
   * @throws UncheckedIOException if it cannot be read and written, or somebody else has it open
   */
  static AnswerFile open(Path path, String identity, int imageElements, int classes) {
    String whose = identity + "\n" + imageElements + "\n" + classes;
    byte[] owner = Hashes.newSha256().digest(whose.getBytes(StandardCharsets.UTF_8));
    try {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        lock(path, channel);
        AnswerFile file = new AnswerFile(path, channel, classes);
        file.readHeader(owner);
        file.readRecords();
        return file;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be opened: " + e, e);
    }
  }

  private static void lock(Path path, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException(path + " is in use by another process or thread");
    }
  }

  private void readHeader(byte[] owner) throws IOException {
    byte[] wanted = Arrays.copyOf(MAGIC, HEADER_BYTES);
    System.arraycopy(owner, 0, wanted, MAGIC.length, OWNER_BYTES);
    if (channel.size() < HEADER_BYTES) {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(wanted), 0);
      channel.force(true);
      return;
    }
    ByteBuffer found = ByteBuffer.allocate(HEADER_BYTES);
    fill(found, 0);
    if (!Arrays.equals(found.array(), 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new BadFileException(path, "expected a file of a target's answers, found another");
    }
    if (!Arrays.equals(found.array(), wanted)) {
      throw new BadFileException(
          path, "expected the answers of this target, found those of another, or of another"
              + " version of it; move the file away to ask anew");
    }
  }

  private void readRecords() throws IOException {
    long whole = (channel.size() - HEADER_BYTES) / record.capacity();
    int firstBad = -1;
    for (int place = 0; place < whole; place++) {
      if (!readRecord(place)) {
        firstBad = firstBad < 0 ? place : firstBad;
      } else if (firstBad >= 0) {
        throw damaged(firstBad);
      } else {
        Key key = Key.read(record);
        if (key.equals(SENT)) {
          sent += record.getLong();
        } else {
          places.put(key, place);
        }
        records = place + 1;
      }
    }
    channel.truncate(position(records));
  }

  private BadFileException damaged(int place) {
    return new BadFileException(
        path, "expected sound records, found a damaged one at byte " + position(place));
  }

  /** Whether the record is sound; it is in the buffer then. */
  private boolean readRecord(int place) throws IOException {
    record.clear();
    fill(record, position(place));
    record.flip();
    return record.getInt(record.capacity() - CRC_BYTES) == checksum();
  }

  private long position(int place) {
    return HEADER_BYTES + (long) place * record.capacity();
  }

  private int checksum() {
    CRC32 crc = new CRC32();
    crc.update(record.array(), 0, record.capacity() - CRC_BYTES);
    return (int) crc.getValue();
  }

  private void fill(ByteBuffer buffer, long from) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new IOException(path + " ended while it was read");
      }
    }
  }

  /** How many images were sent, answered or not. */
  long sent() {
    return sent;
  }

  /** Counts images before they are sent. */
  void countSent(int images) {
    record.clear();
    SENT.write(record);
    record.putLong(images);
    ByteBuffer bytes = ByteBuffer.allocate(record.capacity());
    finish(bytes);
    write(bytes, 1);
    sent += images;
  }

  /**
   * Keeps answers.
   *
   * @param answers [keys, classes] from the array's start
   */
  void append(Key[] keys, float[] answers) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(keys.length, record.capacity()));
    for (int i = 0; i < keys.length; i++) {
      record.clear();
      keys[i].write(record);
      for (int k = 0; k < classes; k++) {
        record.putFloat(answers[i * classes + k]);
      }
      finish(bytes);
    }
    int first = records;
    write(bytes, keys.length);
    for (int i = 0; i < keys.length; i++) {
      places.put(keys[i], first + i);
    }
  }

  /** Fills the rest of the record, and adds it to others. */
  private void finish(ByteBuffer bytes) {
    while (record.position() < record.capacity() - CRC_BYTES) {
      record.put((byte) 0);
    }
    record.putInt(checksum());
    bytes.put(record.array());
  }

  private void write(ByteBuffer bytes, int count) {
    bytes.flip();
    try {
      long from = position(records);
      while (bytes.hasRemaining()) {
        channel.write(bytes, from + bytes.position());
      }
      channel.force(false);
      records += count;
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be written: " + e, e);
    }
  }

  /**
   * Reads an answer.
   *
   * @param into receives it from element {@code at} on
   * @return whether there is one
   */
  boolean read(Key key, float[] into, int at) {
    Integer place = places.get(key);
    if (place == null) {
      return false;
    }
    try {
      if (!readRecord(place)) {
        throw damaged(place);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be read: " + e, e);
    }
    Key.read(record);
    for (int k = 0; k < classes; k++) {
      into[at + k] = record.getFloat();
    }
    return true;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be closed: " + e, e);
    }
  }
}
