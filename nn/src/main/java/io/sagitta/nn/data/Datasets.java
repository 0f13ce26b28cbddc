package io.sagitta.nn.data;

import java.nio.file.Path;
import java.util.Arrays;

/** Opens data sets by name. */
public final class Datasets {
  /** The kinds of data set. */
  public enum Kind {
    CIFAR100("cifar100"),
    CIFAR10("cifar10"),
    FOLDER("folder"),
    SYNTHETIC("synthetic");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /**
     * The kind of a name.
     *
     * @throws IllegalArgumentException listing the names
     */
    public static Kind of(String id) {
      for (Kind kind : values()) {
        if (kind.id.equals(id)) {
          return kind;
        }
      }
      throw new IllegalArgumentException(
          "dataset: expected one of " + Arrays.toString(values()) + ", got '" + id + "'");
    }

    /** Whether it is read from a path. */
    public boolean needsPath() {
      return this != SYNTHETIC;
    }

    /** The name on the command line and in run files. */
    @Override
    public String toString() {
      return id;
    }
  }

  private static final int SYNTHETIC_TRAIN = 5_000;
  private static final int SYNTHETIC_TEST = 1_000;
  private static final int SYNTHETIC_CLASSES = 10;
  private static final int SYNTHETIC_SIDE = 32;

  private Datasets() {}

  /**
   * One split of a data set.
   *
   * @param path a folder of CIFAR's binaries or the official {@code .tar.gz}; or a folder of
   *     {@code train} and {@code test} (or {@code val}), each with one subfolder a class, where
   *     those of {@code train} name the classes, and a folder without them is all training set;
   *     ignored for the synthetic set, which has 5,000 and 1,000 images of 10 classes made from
   *     seed 0
   * @throws io.sagitta.nn.io.BadFileException if the files are missing or damaged
   */
  public static ImageDataset open(Kind kind, Path path, Split split) {
    return open(kind, path, split, FolderOptions.AS_THEY_ARE);
  }

  /**
   * The same.
   *
   * @param options for a folder of images; ignored for others
   */
  public static ImageDataset open(Kind kind, Path path, Split split, FolderOptions options) {
    if (kind.needsPath() && path == null) {
      throw new IllegalArgumentException("dataset " + kind + ": expected a path, got none");
    }
    return switch (kind) {
      case CIFAR100 -> Cifar.read(Cifar.Version.CIFAR100, path, split);
      case CIFAR10 -> Cifar.read(Cifar.Version.CIFAR10, path, split);
      case FOLDER -> ImageFolder.read(path, split, options);
      case SYNTHETIC -> synthetic(split);
    };
  }

  private static ImageDataset synthetic(Split split) {
    return split == Split.TRAIN
        ? Synthetic.generate(0, SYNTHETIC_TRAIN, SYNTHETIC_CLASSES, SYNTHETIC_SIDE)
        : Synthetic.generate(
            0, Synthetic.TEST_BEGIN, SYNTHETIC_TEST, SYNTHETIC_CLASSES, SYNTHETIC_SIDE);
  }
}
