package io.sagitta.attack.console;

import io.sagitta.attack.run.RunConfig;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/**
 * What decides a run. An option left out takes its default in a new run folder and the recorded value
 * in one that exists; an option given must agree with the record.
 */
public final class RunOptions {
  @Option(
      names = "--dataset", paramLabel = "KIND",
      description = "Data set: cifar100, cifar10, folder or synthetic.")
  private String dataset;

  @Option(
      names = "--data", paramLabel = "PATH",
      description = "Where it is: a folder of CIFAR's binaries or the official .tar.gz; a folder"
          + " of images, one subfolder a class. Not for synthetic.")
  private Path data;

  @Option(
      names = "--train-samples", paramLabel = "N",
      description = "Use the first N records of the training split (default: all).")
  private Integer trainSamples;

  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "resnet8, 20, 32, 56, 18, 34 or 50 (default: resnet8).")
  private String architecture;

  @Option(
      names = "--width", paramLabel = "W",
      description = "Channels of the first stage (default: 16; 64 for resnet18, 34 and 50).")
  private Integer width;

  @Option(
      names = "--shadows", paramLabel = "N",
      description = "Shadow models, each trained on a random half (default: 16).")
  private Integer shadows;

  @Option(
      names = "--targets", paramLabel = "N",
      description = "Models attacked, numbered after the shadows (default: 1).")
  private Integer targets;

  @Option(names = "--epochs", paramLabel = "N", description = "Passes over the members (default: 30).")
  private Integer epochs;

  @Option(names = "--batch", paramLabel = "N", description = "Images a step (default: 64).")
  private Integer batch;

  @Option(
      names = "--lr", paramLabel = "RATE",
      description = "Learning rate, divided by 10 at 60 and 80 %% of the epochs (default: 0.1).")
  private Double learningRate;

  @Option(
      names = "--augment", paramLabel = "MODE",
      description = "Training views: none or crop-flip (default: none).")
  private String augment;

  @Option(
      names = "--views", paramLabel = "N",
      description = "Views scored: 1, the image; 2, its mirror image too (default: 2).")
  private Integer views;

  @Option(
      names = "--n", paramLabel = "N",
      description = "Random directions of a curvature score (default: 10).")
  private Integer n;

  @Option(
      names = "--h", paramLabel = "H",
      description = "Scale of its differences, on normalised inputs (default: 1e-3).")
  private Double h;

  @Option(names = "--seed", paramLabel = "S", description = "Seed of everything random (default: 0).")
  private Long seed;

  /** Where the data are, or null. */
  public Path data() {
    return data;
  }

  /**
   * These options over a recorded configuration, or over the defaults.
   *
   * @param recorded null for a new run
   * @throws IllegalArgumentException if a value is out of range, or a new run has no data set
   */
  public RunConfig over(RunConfig recorded) {
    if (recorded == null && dataset == null) {
      throw new IllegalArgumentException(
          "a new run needs --dataset: cifar100, cifar10, folder or synthetic");
    }
    RunConfig.Builder config =
        recorded == null
            ? RunConfig.builder(Datasets.Kind.of(dataset))
            : recorded.toBuilder();
    given(dataset, value -> config.dataset(Datasets.Kind.of(value)));
    given(trainSamples, config::trainSamples);
    given(architecture, config::architecture);
    given(width, config::width);
    given(shadows, config::shadows);
    given(targets, config::targets);
    given(epochs, config::epochs);
    given(batch, config::batch);
    given(learningRate, config::learningRate);
    given(augment, value -> config.augment(Augment.Mode.of(value)));
    given(views, config::views);
    given(n, config::n);
    given(h, config::h);
    given(seed, config::seed);
    return config.build();
  }

  private static <T> void given(T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
