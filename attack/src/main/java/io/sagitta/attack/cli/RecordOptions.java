package io.sagitta.attack.cli;

import io.sagitta.attack.console.PictureOptions;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScoreSettings;
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

  @Range(least = 1)
  @Option(
      names = "--first", paramLabel = "N",
      description = "The first N records, in file order (default: all).")
  private Integer first;

  @Range(above = 0, most = ScoreSettings.MOST_H)
  @Option(
      names = "--h", paramLabel = "H",
      description = "Scale of differences, on normalised inputs (default: 1e-3).")
  private Double h;

  @Range(least = 1, most = ScoreSettings.MOST_N)
  @Option(
      names = "--n", paramLabel = "N",
      description = "Random directions a sample, at most (default: 10).")
  private Integer n;

  @Option(
      names = "--seed", paramLabel = "S",
      description = "Seed of the directions (default: 0).")
  private Long seed;

  /** The scale of differences. */
  final double h() {
    return h == null ? ScoreSettings.DEFAULT_H : h;
  }

  /** At most so many random directions. */
  final int n() {
    return n == null ? ScoreSettings.DEFAULT_N : n;
  }

  /** Their seed. */
  final long seed() {
    return seed == null ? 0 : seed;
  }

  /**
   * Checks that an estimator looks at all that was given.
   *
   * @throws IllegalArgumentException naming what it does not look at
   */
  final void requireUse(Estimator estimator) {
    if (h != null && !estimator.hasStep()) {
      throw new IllegalArgumentException(
          "--h: expected none for " + estimator.text() + ", which takes no step, got " + h);
    }
    if ((n != null || seed != null) && estimator == Estimator.EXACT) {
      throw new IllegalArgumentException(
          "--n, --seed: expected none for exact, which draws no directions, got "
              + (n != null ? n : seed));
    }
  }

  /** The split's name. */
  final String split() {
    return split;
  }

  /**
   * The images.
   *
   * @throws IllegalArgumentException if more are asked for than there are
   */
  final ImageDataset images(Path data) {
    Datasets.Kind kind = Datasets.Kind.of(dataset);
    requireUse(kind, data);
    ImageDataset all =
        Datasets.open(
            kind, data, Split.of(split), over(FolderOptions.AS_THEY_ARE));
    if (first != null && first > all.size()) {
      throw new IllegalArgumentException(
          "--first: expected at most " + all.size() + ", the size of " + all.name() + ", got "
              + first);
    }
    return first == null ? all : all.first(first);
  }
}
