package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * CIFAR-10 and CIFAR-100 in the binary layout of their authors (Krizhevsky 2009): records of one
 * label byte (CIFAR-100: coarse, then fine) and 3,072 bytes, planes of red, green and blue. Reads a
 * folder or the {@code .tar.gz} as downloaded; files with fewer records than the official ones are
 * fine. CIFAR-100's label is the fine one.
 */
public final class Cifar {
  /** Which of the two. */
  public enum Version {
    CIFAR10(
        "cifar10", "cifar-10-batches-bin", 10, 1, "batches.meta.txt", Normalization.CIFAR10),
    CIFAR100(
        "cifar100", "cifar-100-binary", 100, 2, "fine_label_names.txt", Normalization.CIFAR100);

    private final String id;
    private final String folder;
    private final int classes;
    private final int labelBytes;
    private final String namesFile;
    private final Normalization normalization;

    Version(
        String id,
        String folder,
        int classes,
        int labelBytes,
        String namesFile,
        Normalization normalization) {
      this.id = id;
      this.folder = folder;
      this.classes = classes;
      this.labelBytes = labelBytes;
      this.namesFile = namesFile;
      this.normalization = normalization;
    }

    /** The files of a split, in the order of their records. */
    List<String> files(Split split) {
      if (this == CIFAR100) {
        return List.of(split == Split.TRAIN ? "train.bin" : "test.bin");
      }
      return split == Split.TEST
          ? List.of("test_batch.bin")
          : IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList();
    }

    int recordBytes() {
      return labelBytes + IMAGE_BYTES;
    }
  }

  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int CHANNELS = 3;
  private static final int IMAGE_BYTES = PLANE * CHANNELS;
  /** Twice the official number. */
  private static final int MAX_RECORDS = 100_000;
  private static final int MAX_NAMES_BYTES = 1 << 16;

  private record Part(byte[] pixels, int[] labels) {}

  private final Version version;
  private final Path path;
  private final List<String> wanted;
  private final Map<String, Part> parts = new HashMap<>();
  private List<String> classNames;

  private Cifar(Version version, Path path, Split split) {
    this.version = version;
    this.path = path;
    this.wanted = version.files(split);
  }

  /**
   * One split.
   *
   * @param path the folder of the binaries, the folder above it under the official name, or the
   *     {@code .tar.gz}
   * @throws BadFileException if files are missing, not whole records, or have labels out of range
   */
  public static ImageDataset read(Version version, Path path, Split split) {
    Cifar reader = new Cifar(version, path, split);
    if (Files.isDirectory(path)) {
      reader.readFolder();
    } else if (Files.exists(path)) {
      TarGz.read(path, reader::readEntry);
    } else {
      throw new BadFileException(
          path,
          "expected a folder with " + version.folder + " or its .tar.gz, found nothing there");
    }
    return reader.join(version.id + "/" + split);
  }

  private void readFolder() {
    Path folder = path.resolve(version.folder);
    if (!Files.isDirectory(folder)) {
      folder = path;
    }
    for (String name : wanted) {
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw missing(name, folder, list(folder));
      }
      readFile(file, (in, bytes) -> parts.put(name, records(in, bytes, file, "")));
    }
    Path names = folder.resolve(version.namesFile);
    if (Files.isRegularFile(names)) {
      readFile(names, (in, bytes) -> classNames = names(in, bytes, names, ""));
    }
  }

  private interface Reading {
    void read(InputStream in, long bytes) throws IOException;
  }

  private static void readFile(Path file, Reading reading) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      reading.read(in, Files.size(file));
    } catch (IOException e) {
      throw new BadFileException(file, "expected a readable file, found " + e, e);
    }
  }

  private void readEntry(String entry, long bytes, InputStream in) throws IOException {
    String name = entry.startsWith("./") ? entry.substring(2) : entry;
    if (name.startsWith(version.folder + "/")) {
      name = name.substring(version.folder.length() + 1);
    }
    if (wanted.contains(name)) {
      String what = "entry " + Names.quote(entry) + ": ";
      if (parts.put(name, records(in, bytes, path, what)) != null) {
        throw new BadFileException(path, what + "expected it once, found it twice");
      }
    } else if (name.equals(version.namesFile)) {
      classNames = names(in, bytes, path, "entry " + Names.quote(entry) + ": ");
    }
  }

  /** Reads records, from planes to [N, H, W, C]. */
  private Part records(InputStream in, long bytes, Path file, String what) throws IOException {
    int each = version.recordBytes();
    if (bytes == 0 || bytes % each != 0 || bytes / each > MAX_RECORDS) {
      throw new BadFileException(
          file,
          what + "expected 1 to " + MAX_RECORDS + " records of " + each + " bytes, found " + bytes
              + " bytes (" + bytes / each + " records and " + bytes % each + " bytes)");
    }
    int count = (int) (bytes / each);
    byte[] pixels = new byte[count * IMAGE_BYTES];
    int[] labels = new int[count];
    byte[] record = new byte[each];
    for (int i = 0; i < count; i++) {
      int found = in.readNBytes(record, 0, each);
      if (found < each) {
        throw new BadFileException(
            file,
            what + "expected " + bytes + " bytes, found " + ((long) i * each + found));
      }
      labels[i] = record[version.labelBytes - 1] & 0xFF;
      if (labels[i] >= version.classes) {
        throw new BadFileException(
            file,
            what + "expected labels in 0.." + (version.classes - 1) + ", found " + labels[i]
                + " at record " + i);
      }
      interleave(record, version.labelBytes, pixels, i * IMAGE_BYTES);
    }
    return new Part(pixels, labels);
  }

  private static void interleave(byte[] planes, int from, byte[] pixels, int to) {
    for (int p = 0; p < PLANE; p++) {
      pixels[to++] = planes[from + p];
      pixels[to++] = planes[from + PLANE + p];
      pixels[to++] = planes[from + 2 * PLANE + p];
    }
  }

  private List<String> names(InputStream in, long bytes, Path file, String what)
      throws IOException {
    if (bytes > MAX_NAMES_BYTES) {
      throw new BadFileException(
          file, what + "expected class names, found " + bytes + " bytes");
    }
    String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    List<String> names = text.lines().map(String::strip).filter(s -> !s.isEmpty()).toList();
    if (names.size() != version.classes) {
      throw new BadFileException(
          file,
          what + "expected " + version.classes + " class names, found " + names.size());
    }
    return names;
  }

  private ImageDataset join(String name) {
    List<Part> ordered = new ArrayList<>();
    for (String file : wanted) {
      Part part = parts.get(file);
      if (part == null) {
        throw missing(version.folder + "/" + file, path, Names.list(parts.keySet()));
      }
      ordered.add(part);
    }
    Part all = ordered.size() == 1 ? ordered.get(0) : concatenate(ordered);
    List<String> names =
        classNames != null
            ? classNames
            : IntStream.range(0, version.classes).mapToObj(Integer::toString).toList();
    return new ImageDataset(
        name, names, SIDE, SIDE, CHANNELS, all.pixels, all.labels, version.normalization);
  }

  private static Part concatenate(List<Part> ordered) {
    int count = ordered.stream().mapToInt(part -> part.labels.length).sum();
    Part all = new Part(new byte[count * IMAGE_BYTES], new int[count]);
    int at = 0;
    for (Part part : ordered) {
      System.arraycopy(part.pixels, 0, all.pixels, at * IMAGE_BYTES, part.pixels.length);
      System.arraycopy(part.labels, 0, all.labels, at, part.labels.length);
      at += part.labels.length;
    }
    return all;
  }

  private BadFileException missing(String name, Path where, String found) {
    return new BadFileException(
        where, version.id + ": expected the file " + name + ", found " + found);
  }

  private static String list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return Names.list(files.map(file -> file.getFileName().toString()).sorted().toList());
    } catch (IOException e) {
      throw new BadFileException(folder, "expected a readable folder, found " + e, e);
    }
  }
}
