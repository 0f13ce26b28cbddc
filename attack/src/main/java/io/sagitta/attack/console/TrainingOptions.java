package io.sagitta.attack.console;

import io.sagitta.attack.run.RunConfig;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.optim.OptimizerKind;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What decides the training of a model: data, network and optimisation. */
public final class TrainingOptions {
  /** The paper's, in private training. */
  private static final double RMSPROP_RATE = 1e-3;

  @Option(
      names = "--dataset", paramLabel = "KIND",
      description = "Data set: cifar100, cifar10, folder or synthetic.")
  private String dataset;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where it is: a folder of CIFAR's binaries or the official .tar.gz; a folder"
          + " of images, one subfolder a class. Not for synthetic.")
  private Path data;

  @Range(least = 1)
  @Option(
      names = "--train-samples", paramLabel = "N",
      description = "Use the first N records of the training split (default: all).")
  private Integer trainSamples;

  @Mixin private PictureOptions pictures;

  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "Network: " + NetworkHelp.ARCHITECTURES + " (default: resnet8).")
  private String architecture;

  @Range(least = 1)
  @Option(
      names = "--width", paramLabel = "W",
      description = NetworkHelp.WIDTH)
  private Integer width;

  @Range(least = 1)
  @Option(
      names = "--epochs", paramLabel = "N",
      description = "Passes over the training images (default: 30).")
  private Integer epochs;

  @Range(least = 2)
  @Option(names = "--batch", paramLabel = "N", description = "Images a step (default: 64).")
  private Integer batch;

  @Range(above = 0)
  @Option(
      names = "--lr", paramLabel = "RATE",
      description = "Learning rate, divided by 10 at 60 and 80 %% of the epochs (default: 0.1;"
          + " 0.01 for networks without batch normalisation; 0.001 with rmsprop).")
  private Double learningRate;

  @Option(
      names = "--augment", paramLabel = "MODE",
      description = "Training views: none or crop-flip (default: none).")
  private String augment;

  @Option(
      names = "--precision", paramLabel = "NAME",
      description = "Convolutions in training: fp32, tf32x3, tf32 or bf16, where the device has it;"
          + " with bf16, images between them are stored so too (default: fp32).")
  private String precision;

  @Option(
      names = "--optimizer", paramLabel = "NAME",
      description = "sgd, with momentum 0.9 and weight decay 1e-4, or rmsprop, with neither"
          + " (default: sgd; rmsprop in private training).")
  private String optimizer;

  @Mixin private PrivacyOptions privacy;

  @Option(
      names = "--seed", paramLabel = "S", description = "Seed of everything random (default: 0).")
  private Long seed;

  /** Where the data are, or null. */
  public Path data() {
    return data;
  }

  /** Whether a data set is named. */
  boolean hasDataset() {
    return dataset != null;
  }

  PrivacyOptions privacy() {
    return privacy;
  }

  /**
   * These options over a recorded configuration, or over the defaults.
   *
   * @param recorded null where there is none
   * @throws IllegalArgumentException if a name is unknown, there is no data set, or what was
   *     given is of no use to it
   */
  public RunConfig.Builder over(RunConfig recorded) {
    if (recorded == null && dataset == null) {
      throw new IllegalArgumentException(
          "--dataset: expected cifar100, cifar10, folder or synthetic, got none");
    }
    RunConfig.Builder config =
        recorded == null
            ? RunConfig.builder(Datasets.Kind.of(dataset))
            : recorded.toBuilder();
    given(dataset, value -> config.dataset(Datasets.Kind.of(value)));
    pictures.requireUse(
        dataset == null ? recorded.dataset() : Datasets.Kind.of(dataset), data);
    given(trainSamples, config::trainSamples);
    config.pictures(
        pictures.over(recorded == null ? FolderOptions.AS_THEY_ARE : recorded.pictures()));
    given(architecture, config::architecture);
    given(width, config::width);
    given(epochs, config::epochs);
    given(batch, config::batch);
    if (recorded == null && architecture != null) {
      config.learningRate(Models.learningRate(architecture));
    }
    config.privacy(privacy.over(recorded == null ? null : recorded.privacy()));
    optimize(config, recorded);
    given(learningRate, config::learningRate);
    given(augment, value -> config.augment(Augment.Mode.of(value)));
    given(precision, value -> config.precision(Precision.of(value)));
    given(seed, config::seed);
    return config;
  }

  /** An optimiser brings its own defaults, as PyTorch and the paper have them. */
  private void optimize(RunConfig.Builder config, RunConfig recorded) {
    OptimizerKind usual =
        recorded != null
            ? recorded.optimizer()
            : privacy.isAsked() ? OptimizerKind.RMSPROP : OptimizerKind.SGD;
    OptimizerKind chosen = optimizer == null ? usual : OptimizerKind.of(optimizer);
    config.optimizer(chosen);
    if (recorded == null && chosen == OptimizerKind.RMSPROP) {
      config.momentum(0).weightDecay(0).learningRate(RMSPROP_RATE);
    }
  }

  /** Hands a value on, if there is one. */
  public static <T> void given(T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
