package io.sagitta.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

/** What the tests of all readers share: damaging files, and watching what reading them costs. */
public final class HostileFiles {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int[] EXTREMES = {0, 1, 0x7F, 0x80, 0xFF, 0x30, 0x39, '"', '{', '-'};

  private HostileFiles() {}

  /** A few random changes: bytes, runs of extreme bytes, cuts, repeats, swaps, trailing bytes. */
  public static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(4);
    for (int change = 0; change < changes && bytes.length > 0; change++) {
      int at = random.nextInt(bytes.length);
      // Headers are at the front, and small files are mostly header: aim there half of the time.
      if (random.nextBoolean()) {
        at = Math.min(at, random.nextInt(64));
      }
      int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> Arrays.fill(
            bytes, at, at + length, (byte) EXTREMES[random.nextInt(EXTREMES.length)]);
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> bytes = splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
        case 5 -> bytes = splice(bytes, at, at + length, new byte[0]);
        default -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
    byte[] out = Arrays.copyOf(bytes, from + middle.length + bytes.length - to);
    System.arraycopy(middle, 0, out, from, middle.length);
    System.arraycopy(bytes, to, out, from + middle.length, bytes.length - to);
    return out;
  }

  /**
   * Reads, and fails unless it ends in a result or a {@link BadFileException} that names a file
   * under {@code path}, within five seconds and the given heap bytes of this thread.
   *
   * @return the problem, or empty for a correct read
   */
  public static String readBounded(Path path, long bytes, Runnable read) {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    String problem =
        assertTimeout(
            PATIENCE,
            () -> {
              try {
                read.run();
                return "";
              } catch (BadFileException e) {
                assertThat(e.path().toString()).startsWith(path.toString());
                assertThat(e.getMessage()).startsWith(e.path().toString());
                return e.getMessage();
              }
            });
    assertThat(THREADS.getThreadAllocatedBytes(thread) - before)
        .as("bytes allocated; the read ended in: %s", problem)
        .isLessThan(bytes);
    return problem;
  }

  /** The bytes of a golden in the test's resources. */
  public static byte[] golden(String name) {
    try (var in = HostileFiles.class.getResourceAsStream("/goldens/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes without ceremony. */
  public static Path put(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder for a property's tries. */
  public static Path newFolder() {
    try {
      return Files.createTempDirectory("sagitta-test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a folder of the tests. */
  public static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
