package io.sagitta.nn.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writing a file whole or not at all. The bytes go to a temporary file in the same folder, reach
 * the disk, and take the final name in one step; a process killed at any moment leaves the old file
 * or the new one, never a mixture. What fails leaves the old file and no temporary one.
 */
public final class AtomicFiles {
  private static final String SUFFIX = ".sagitta-tmp";
  private static final AtomicLong COUNTER = new AtomicLong();

  /** Produces a file's content. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything; the stream is buffered and closed by the caller.
     *
     * @throws IOException when the content cannot be produced or written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFiles() {}

  /**
   * Writes bytes.
   *
   * @throws UncheckedIOException naming the file, the bytes needed and the bytes free
   */
  public static void write(Path file, byte[] bytes) {
    write(file, bytes.length, out -> out.write(bytes));
  }

  /**
   * Writes text in UTF-8.
   *
   * @throws UncheckedIOException naming the file, the bytes needed and the bytes free
   */
  public static void writeText(Path file, String text) {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes a stream whose length is not known beforehand.
   *
   * @throws UncheckedIOException naming the file, the bytes written so far and the bytes free
   */
  public static void write(Path file, Content content) {
    write(file, -1, content);
  }

  /**
   * Writes a stream of known length.
   *
   * @param bytes the length, for the error of a full disk; negative when not known
   * @throws UncheckedIOException naming the file, the bytes needed and the bytes free
   */
  static void write(Path file, long bytes, Content content) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("write: expected a file's path, got " + file);
    }
    Counting counting = new Counting();
    try {
      if (Files.isDirectory(target)) {
        throw new IOException("a folder has this name");
      }
      Path temporary = create(folder, target.getFileName().toString());
      try {
        fill(temporary, counting, content);
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException | RuntimeException | Error e) {
        deleteAfter(temporary, e);
        throw e;
      }
      forceFolder(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(explain(file, folder, bytes, counting.bytes, e), e);
    }
  }

  /**
   * Deletes the temporary files that killed processes left in a folder. Only for a folder that no
   * other process is writing to.
   *
   * @return how many there were
   */
  public static int deleteLeftovers(Path folder) {
    int deleted = 0;
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, ".*" + SUFFIX)) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
        deleted++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot delete temporary files: " + e, e);
    }
    return deleted;
  }

  /** Not {@link Files#createTempFile}, which makes files that only their owner can read. */
  private static Path create(Path folder, String name) throws IOException {
    while (true) {
      String unique = ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();
      try {
        return Files.createFile(folder.resolve("." + name + "." + unique + SUFFIX));
      } catch (FileAlreadyExistsException e) {
        // A leftover of a killed process with the same number: the next count is free sooner or
        // later, and nothing is overwritten.
        continue;
      }
    }
  }

  private static void fill(Path temporary, Counting counting, Content content)
      throws IOException {
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      counting.out = Channels.newOutputStream(channel);
      OutputStream out = new BufferedOutputStream(counting, 1 << 16);
      content.writeTo(out);
      out.flush();
      channel.force(true);
    }
  }

  /** The new name itself must reach the disk; Windows has no such call for folders. */
  private static void forceFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static void deleteAfter(Path temporary, Throwable failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static String explain(
      Path file, Path folder, long bytes, long written, IOException e) {
    String needed = bytes >= 0 ? "needs " + bytes : "had written " + written;
    return file + ": cannot be written (" + e + "); it " + needed + " bytes, " + free(folder);
  }

  private static String free(Path folder) {
    if (!Files.isDirectory(folder)) {
      return "and the folder " + folder + " does not exist";
    }
    try {
      return Files.getFileStore(folder).getUsableSpace() + " bytes are free there";
    } catch (IOException e) {
      return "and the free space there is not known (" + e + ")";
    }
  }

  private static final class Counting extends OutputStream {
    private OutputStream out;
    private long bytes;

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] b, int offset, int length) throws IOException {
      out.write(b, offset, length);
      bytes += length;
    }
  }
}
