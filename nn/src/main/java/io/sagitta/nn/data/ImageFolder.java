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
  /** What one Java array can hold. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  private static final int MAX_SIDE = 1024;

  private final Path root;
  private final int side;
  private final List<byte[]> images = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();
  private int height;
  private int width;
  private long bytes;

  private ImageFolder(Path root, int side) {
    this.root = root;
    this.side = side;
    this.height = side;
    this.width = side;
  }

  /**
   * All pictures, normalised by ImageNet's constants.
   *
   * @param root the folder of the classes' folders
   * @param side the extent to which the shorter side is scaled and the middle cut out; 0 when all
   *     pictures have one size already
   * @throws BadFileException naming the folder or picture that is missing, damaged, too large or of
   *     another size than the first
   */
  public static ImageDataset read(Path root, int side) {
    if (side < 0 || side > MAX_SIDE) {
      throw new IllegalArgumentException(
          "image folder: expected a side of 0.." + MAX_SIDE + ", got " + side);
    }
    return new ImageFolder(root, side).read();
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

  private ImageDataset read() {
    if (!Files.isDirectory(root)) {
      throw new BadFileException(root, "expected a folder of one subfolder a class, found none");
    }
    List<Path> classes = list(root, Files::isDirectory);
    if (classes.isEmpty()) {
      throw new BadFileException(
          root, "expected one subfolder a class, found " + names(list(root, p -> true)));
    }
    for (int label = 0; label < classes.size(); label++) {
      readClass(classes.get(label), label);
    }
    byte[] pixels = new byte[(int) bytes];
    for (int i = 0; i < images.size(); i++) {
      byte[] image = images.set(i, null);
      System.arraycopy(image, 0, pixels, i * image.length, image.length);
    }
    return new ImageDataset(
        "folder/" + root.toAbsolutePath().normalize().getFileName(),
        classes.stream().map(path -> path.getFileName().toString()).toList(),
        height,
        width,
        3,
        pixels,
        labels.stream().mapToInt(Integer::intValue).toArray(),
        Normalization.IMAGENET);
  }

  private void readClass(Path folder, int label) {
    List<Path> files = list(folder, ImageFolder::isPicture);
    if (files.isEmpty()) {
      throw new BadFileException(
          folder, "expected PNG or JPEG files, found " + names(list(folder, p -> true)));
    }
    for (Path file : files) {
      byte[] image = readImage(file);
      bytes += image.length;
      if (bytes > MAX_BYTES) {
        throw new BadFileException(
            root,
            "expected at most 2 GiB of pixels, found more at " + height + "x" + width
                + " pixels an image, by " + file + "; ask for a smaller size or fewer images");
      }
      images.add(image);
      labels.add(label);
    }
  }

  private byte[] readImage(Path file) {
    ImageDecoder.Picture picture = ImageDecoder.decode(file);
    if (side > 0) {
      boolean fits = picture.height() == side && picture.width() == side;
      return fits ? picture.rgb() : Resize.squareOf(picture, side);
    }
    if (images.isEmpty()) {
      height = picture.height();
      width = picture.width();
    }
    if (picture.height() != height || picture.width() != width) {
      throw new BadFileException(
          file,
          "expected " + height + "x" + width + " pixels as in the first image, found "
              + picture.height() + "x" + picture.width() + "; ask for a size to have all scaled");
    }
    return picture.rgb();
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
