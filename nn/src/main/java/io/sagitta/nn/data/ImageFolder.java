package io.sagitta.nn.data;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A folder of pictures: one subfolder a class, in the order of their names, PNG and JPEG files in
 * each, in the order of theirs. Names that begin with a dot and other files are passed over.
 */
public final class ImageFolder {
  /** Of what one Java array can hold, and of the heap, which has more to hold. */
  private static final long MOST_KEPT_BYTES =
      Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 4);

  private ImageFolder() {}

  /**
   * All pictures, normalised by ImageNet's constants. Each is decoded once, to find the broken ones
   * and to know the content's hash; what is more than a quarter of the heap is not kept but decoded
   * again where it is used, in the background.
   *
   * @param root the folder of the classes' folders
   * @throws BadFileException naming the folder or pictures that are missing, damaged, too large or,
   *     unless they are scaled, of another size than the first
   */
  public static ImageDataset read(Path root, FolderOptions options) {
    return read(root, options, MOST_KEPT_BYTES);
  }

  /**
   * The same.
   *
   * @param mostKeptBytes more pixels than that are not kept
   */
  static ImageDataset read(Path root, FolderOptions options, long mostKeptBytes) {
    if (!Files.isDirectory(root)) {
      throw new BadFileException(root, "expected a folder of one subfolder a class, found none");
    }
    List<Path> classes = list(root, Files::isDirectory);
    if (classes.isEmpty()) {
      throw new BadFileException(
          root, "expected one subfolder a class, found " + names(list(root, p -> true)));
    }
    FolderScan scan = new FolderScan(root, options, mostKeptBytes);
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int label = 0; label < classes.size(); label++) {
      for (Path file : pictures(classes.get(label))) {
        files.add(file);
        labels.add(label);
      }
    }
    return scan.read(
        classes.stream().map(path -> path.getFileName().toString()).toList(), files, labels);
  }

  /**
   * The folder of a split: {@code train}, {@code test} or, without the latter, {@code val} below
   * it; for training the folder itself when it has none of them.
   *
   * @throws BadFileException if there is no such split
   */
  public static Path root(Path path, Split split) {
    Path train = path.resolve("train");
    Path test = path.resolve("test");
    if (!Files.isDirectory(test)) {
      test = path.resolve("val");
    }
    Path wanted = split == Split.TRAIN ? train : test;
    if (Files.isDirectory(wanted)) {
      return wanted;
    }
    if (split == Split.TRAIN && Files.isDirectory(path) && !Files.isDirectory(test)) {
      return path;
    }
    throw new BadFileException(
        path,
        "expected a folder " + (split == Split.TRAIN ? "'train'" : "'test' or 'val'")
            + " of one subfolder a class, found "
            + (Files.isDirectory(path) ? names(list(path, p -> true)) : "no folder"));
  }

  private static List<Path> pictures(Path folder) {
    List<Path> files = list(folder, ImageFolder::isPicture);
    if (files.isEmpty()) {
      throw new BadFileException(
          folder, "expected PNG or JPEG files, found " + names(list(folder, p -> true)));
    }
    return files;
  }

  private static boolean isPicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"))
        && Files.isRegularFile(file);
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new BadFileException(folder, "expected a readable folder, found " + e, e);
    }
  }

  private static String names(List<Path> files) {
    return Names.list(files.stream().map(file -> file.getFileName().toString()).toList());
  }
}
