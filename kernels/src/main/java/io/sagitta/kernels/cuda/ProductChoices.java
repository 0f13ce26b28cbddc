package io.sagitta.kernels.cuda;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was chosen for which product, in a file that all processes of a user share. The first choice
 * stays: implementations differ in their last bits, so a machine must not choose anew each time. A
 * line of the file is {@code key TAB choice TAB what was measured}; a line that is not is dropped
 * at the next writing. The file appears whole or not at all, and writers wait for each other.
 */
final class ProductChoices {
  private static final System.Logger LOG = System.getLogger(ProductChoices.class.getName());

  /** Locks of files are between processes only; this one is between threads. */
  private static final Object BETWEEN_THREADS = new Object();

  private static final Map<Path, ProductChoices> OF_PROCESS = new ConcurrentHashMap<>();

  private final Path file;
  private final Map<String, String> lines = new TreeMap<>();
  private boolean kept = true;

  /**
   * @param file the file, made when there is something to keep
   */
  ProductChoices(Path file) {
    this.file = file;
    synchronized (BETWEEN_THREADS) {
      try {
        read();
      } catch (IOException e) {
        inMemoryOnly(e);
      }
    }
  }

  /** Those in a file, the same for the whole process, also where the file cannot be written. */
  static ProductChoices in(Path file) {
    return OF_PROCESS.computeIfAbsent(file.toAbsolutePath().normalize(), ProductChoices::new);
  }

  /** The choice for a product; null if none was made. */
  ProductChoice get(String key) {
    synchronized (BETWEEN_THREADS) {
      String line = lines.get(key);
      return line == null ? null : ProductChoice.parse(line.split("\t")[1]);
    }
  }

  /**
   * Keeps a choice, unless another process was quicker.
   *
   * @param key without tabs and line ends
   * @param measured why, for people
   * @return the choice that holds from now on
   */
  ProductChoice keep(String key, ProductChoice choice, String measured) {
    synchronized (BETWEEN_THREADS) {
      if (kept) {
        try {
          keepInFile(key, choice, measured);
        } catch (IOException e) {
          inMemoryOnly(e);
        }
      }
      lines.putIfAbsent(key, line(key, choice, measured));
      return get(key);
    }
  }

  private void keepInFile(String key, ProductChoice choice, String measured) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Until the channel closes.
      channel.lock();
      read();
      lines.putIfAbsent(key, line(key, choice, measured));
      Path partial = Files.createTempFile(folder, "products", ".partial");
      try {
        Files.write(partial, lines.values());
        Files.move(
            partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    }
  }

  private void read() throws IOException {
    if (Files.isRegularFile(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split("\t", -1);
        if (parts.length == 3 && ProductChoice.parse(parts[1]) != null) {
          lines.put(parts[0], line);
        }
      }
    }
  }

  private static String line(String key, ProductChoice choice, String measured) {
    return key + "\t" + choice + "\t" + measured;
  }

  /** The next process measures again, and may choose otherwise: worth one line. */
  private void inMemoryOnly(IOException cause) {
    kept = false;
    LOG.log(Level.WARNING, "Choices between kernels are not kept: " + cause);
  }
}
