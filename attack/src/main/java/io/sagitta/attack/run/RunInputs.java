package io.sagitta.attack.run;

import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Stem;
import io.sagitta.nn.privacy.Privacy;
import java.nio.file.Path;
import java.util.Arrays;

/** What a configuration names: its samples and its network. */
public final class RunInputs {
  private static final int ANY_CLASSES = 2;

  /** From this height on images are photographs, for which networks begin with a wide stride. */
  private static final int PHOTOGRAPH_HEIGHT = 96;

  private RunInputs() {}

  /**
   * The samples that a configuration draws members from.
   *
   * @param data where the data are; null for procedural data
   * @param records which records of the training split, in order; null for the first ones
   * @throws IllegalArgumentException if the path is missing, or there are fewer samples
   * @throws io.sagitta.nn.io.BadFileException if the data are missing or damaged
   */
  public static ImageDataset pool(RunConfig config, Path data, int[] records) {
    if (config.dataset().needsPath() && data == null) {
      throw new IllegalArgumentException(
          "data: expected the path of the " + config.dataset() + " data, got none (--data)");
    }
    ImageDataset all = Datasets.open(config.dataset(), data, Split.TRAIN, config.pictures());
    if (config.trainSamples() > all.size()) {
      throw new IllegalArgumentException(
          "train-samples: expected at most the " + all.size() + " of " + all.name() + ", got "
              + config.trainSamples());
    }
    if (records != null) {
      return selected(config, all, records);
    }
    return config.trainSamples() == 0 ? all : all.first(config.trainSamples());
  }

  private static ImageDataset selected(RunConfig config, ImageDataset all, int[] records) {
    boolean inRange = Arrays.stream(records).allMatch(r -> r >= 0 && r < all.size());
    boolean distinct = Arrays.stream(records).distinct().count() == records.length;
    if (!inRange || !distinct || config.trainSamples() != records.length) {
      throw new IllegalArgumentException(
          "pool: expected " + config.trainSamples() + " different records in 0.."
              + (all.size() - 1) + " of " + all.name() + ", got " + records.length
              + (inRange ? "" : ", some out of range") + (distinct ? "" : ", some twice"));
    }
    return all.subset(records);
  }

  /**
   * The network of a configuration, for images of a size; without batch normalisation in private
   * training.
   *
   * @throws IllegalArgumentException if the network takes no images of this size, or is too wide
   */
  public static ModelSpec network(RunConfig config, int classes, int height, int width) {
    ModelSpec spec = ModelSpec.of(config.architecture(), classes, config.width());
    spec.requireImages(height, width);
    boolean photographs = height >= PHOTOGRAPH_HEIGHT && spec.hasStem(Stem.IMAGENET);
    ModelSpec begun = photographs ? spec.with(Stem.IMAGENET) : spec;
    ModelSpec chosen = config.privacy() == null ? begun : begun.withoutBatchNorm();
    return Models.create(chosen).spec();
  }

  /**
   * What the private training of a run's models keeps, each on half of the samples; null where there
   * is none.
   *
   * @throws IllegalArgumentException if it cannot be kept
   */
  static Privacy.Promise promise(RunConfig config, int samples) {
    return config.training(config.seed()).promise(samples / 2);
  }

  /**
   * Halves are random, so of few samples one may be empty, or too small for a private batch; found
   * out before anything is made.
   *
   * @throws IllegalArgumentException naming the model that cannot be trained
   */
  static void requireMembers(RunConfig config, int samples) {
    Membership halves = Membership.generate(config.seed(), config.models(), samples);
    int least = config.privacy() == null ? 1 : config.batch();
    for (int model = 0; model < halves.models(); model++) {
      int members = halves.members(model).length;
      if (members < least) {
        throw new IllegalArgumentException(
            "train-samples: expected so many that every model gets " + least + " at least, got "
                + samples + ", of which model " + model + " gets " + members);
      }
    }
  }

  /**
   * More than all cannot be scored.
   *
   * @throws IllegalArgumentException saying how many there are
   */
  static void requireScorable(RunConfig config, int samples) {
    if (config.scoreSamples() > samples) {
      throw new IllegalArgumentException(
          "score-samples: expected at most the " + samples + " samples of the run, got "
              + config.scoreSamples());
    }
  }

  /** Also finds an unknown architecture or an impossible width before anything is made. */
  static RunConfig withOwnWidth(RunConfig config) {
    ModelSpec spec = ModelSpec.of(config.architecture(), ANY_CLASSES, config.width());
    return config.toBuilder().width(Models.create(spec).spec().width()).build();
  }
}
