package io.sagitta.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * Compiled kernels on disk, shared by all processes of a user: one file an image, named by the hash
 * of everything the image was made from. A file holds the hash of the image, then the image; what
 * does not fit its hash is made anew and replaced. Files appear whole or not at all.
 */
final class ImageCache {
  /** The system property, and the environment variable, that name the folder. */
  static final String PROPERTY = "sagitta.cuda.cache";

  static final String VARIABLE = "SAGITTA_CUDA_CACHE";

  private static final int HASH_BYTES = 32;

  private final Path folder;

  ImageCache(Path folder) {
    this.folder = folder;
  }

  /**
   * The user's cache: the folder that the property or the variable names, else {@code
   * sagitta/kernels} in {@code XDG_CACHE_HOME} or {@code ~/.cache}.
   */
  static ImageCache ofUser() {
    return new ImageCache(userFolder());
  }

  /** The folder of {@link #ofUser}, for other things that are kept about devices. */
  static Path userFolder() {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (named != null) {
      return Path.of(named);
    }
    String caches = System.getenv("XDG_CACHE_HOME");
    Path base =
        caches == null || caches.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(caches);
    return base.resolve("sagitta").resolve("kernels");
  }

  /** The name of an entry that is made from these parts. */
  static String key(List<String> parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The image of that name, made and kept if there is none that is whole. */
  byte[] get(String key, Supplier<byte[]> make) {
    Path file = folder.resolve(key);
    byte[] found = read(file);
    if (found != null) {
      return found;
    }
    byte[] made = make.get();
    keep(file, made);
    return made;
  }

  /** The image in a file; null if there is no file or it is damaged. */
  private static byte[] read(Path file) {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      byte[] entry = Files.readAllBytes(file);
      if (entry.length > HASH_BYTES) {
        byte[] image = Arrays.copyOfRange(entry, HASH_BYTES, entry.length);
        if (Arrays.equals(sha256().digest(image), 0, HASH_BYTES, entry, 0, HASH_BYTES)) {
          return image;
        }
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("kernel cache: cannot read " + file, e);
    }
  }

  /** Writes an entry; a folder that takes none costs the next process a compilation, no more. */
  private void keep(Path file, byte[] image) {
    try {
      Files.createDirectories(folder);
      Path partial = Files.createTempFile(folder, file.getFileName().toString(), ".partial");
      try {
        Files.write(partial, sha256().digest(image));
        Files.write(partial, image, StandardOpenOption.APPEND);
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      System.getLogger(ImageCache.class.getName())
          .log(Level.WARNING, "Compiled kernels are not kept: " + e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
