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
   * The pictures of a split. Its classes are those of the training split, by name, of which it may
   * lack some; where there is no training split beside it, its own.
   *
   * @param path the folder of the splits, or of the classes' folders, which is all training split
   * @throws BadFileException as {@link #read(Path, FolderOptions)}; also if there is no such split, or
   *     it has a class that the training split has not
   */
  static ImageDataset read(Path path, Split split, FolderOptions options) {
    Path root = root(path, split);
    Path train = path.resolve(Split.TRAIN.toString());
    Path named = split == Split.TEST && Files.isDirectory(train) ? train : root;
    return read(root, classes(named), options, MOST_KEPT_BYTES);
  }

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
    return read(root, classes(root), options, mostKeptBytes);
  }

  private static ImageDataset read(
      Path root, List<String> classes, FolderOptions options, long mostKeptBytes) {
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (String name : classes(root)) {
      int label = classes.indexOf(name);
      if (label < 0) {
        throw new BadFileException(
            root.resolve(name),
            "expected one of the training split's classes, " + Names.list(classes)
                + ", found another");
      }
      for (Path file : pictures(root.resolve(name))) {
        files.add(file);
        labels.add(label);
      }
    }
    return new FolderScan(root, options, mostKeptBytes).read(classes, files, labels);
  }

  /** The names of its subfolders, in order. */
  private static List<String> classes(Path root) {
    if (!Files.isDirectory(root)) {
      throw new BadFileException(root, "expected a folder of one subfolder a class, found none");
    }
    List<Path> classes = list(root, Files::isDirectory);
    if (classes.isEmpty()) {
      throw new BadFileException(
          root, "expected one subfolder a class, found " + names(list(root, p -> true)));
    }
    return classes.stream().map(path -> path.getFileName().toString()).toList();
  }

  /**
   * The folder of a split: {@code train}, {@code test} or, without the latter, {@code val} below
   * it; for training the folder itself when it has none of them.
   *
   * @throws BadFileException if there is no such split
   */
  private static Path root(Path path, Split split) {
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
