package io.sagitta.attack.cli;

import io.sagitta.attack.console.PictureOptions;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * Which records of a data set are scored, and along which directions: a superclass, for groups of
 * options take no mixins.
 */
abstract class RecordOptions extends PictureOptions {
  @Option(
      names = "--dataset", paramLabel = "KIND", required = true,
      description = "Data set: cifar100, cifar10, folder or synthetic.")
  private String dataset;

  @Option(
      names = "--split", paramLabel = "SPLIT", defaultValue = "train",
      description = "train or test (default: train).")
  private String split;

  @Option(
      names = "--first", paramLabel = "N",
      description = "The first N records, in file order (default: all).")
  private Integer first;

  @Option(
      names = "--h", paramLabel = "H", defaultValue = "1e-3",
      description = "Scale of differences, on normalised inputs (default: 1e-3).")
  private double h;

  @Option(
      names = "--n", paramLabel = "N", defaultValue = "10",
      description = "Random directions a sample, at most (default: 10).")
  private int n;

  @Option(
      names = "--seed", paramLabel = "S", defaultValue = "0",
      description = "Seed of the directions (default: 0).")
  private long seed;

  /** The scale of differences. */
  final double h() {
    return h;
  }

  /** At most so many random directions. */
  final int n() {
    return n;
  }

  /** Their seed. */
  final long seed() {
    return seed;
  }

  /** The split's name. */
  final String split() {
    return split;
  }

  /**
   * The images.
   *
   * @throws IllegalArgumentException if fewer than one are asked for, or more than there are
   */
  final ImageDataset images(Path data) {
    if (first != null && first < 1) {
      throw new IllegalArgumentException("--first: expected at least 1, got " + first);
    }
    ImageDataset all =
        Datasets.open(
            Datasets.Kind.of(dataset), data, Split.of(split), over(FolderOptions.AS_THEY_ARE));
    return first == null ? all : all.first(first);
  }
}
