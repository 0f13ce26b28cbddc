package io.sagitta.attack.cli;

import io.sagitta.attack.console.NetworkHelp;
import io.sagitta.attack.console.PictureOptions;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Version;
import io.sagitta.attack.shadow.TrainProgress;
import io.sagitta.attack.study.StudyListener;
import io.sagitta.attack.study.StudyOutcome;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainResult;
import io.sagitta.nn.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The samples of a study, and models for them: weights that are given, or a small training. */
final class StudiedData {
  private static final int BATCH = 64;
  private static final int TRAIN_SAMPLES = 2000;
  private static final int EPOCHS = 15;
  private static final String ARCHITECTURE = "resnet8";

  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "Network: " + NetworkHelp.ARCHITECTURES + " (default: what a file of weights says,"
          + " as Sagitta's do; resnet8 where one is trained).")
  private String architecture;

  @Option(
      names = "--dataset", paramLabel = "KIND", defaultValue = "synthetic",
      description = "Data set: cifar100, cifar10, folder or synthetic (default: synthetic).")
  private String dataset;

  @Option(names = "--data", paramLabel = "PATH", description = "Where it is; not for synthetic.")
  private Path data;

  @Mixin private PictureOptions pictures;

  @Option(
      names = "--split", paramLabel = "SPLIT", defaultValue = "train",
      description = "Score train or test (default: train).")
  private String split;

  @Range(least = 1)
  @Option(
      names = "--train-samples", paramLabel = "N",
      description = "Models that are trained here: train on the first N records (default: 2000, or"
          + " all where there are fewer).")
  private Integer trainSamples;

  @Range(least = 1)
  @Option(
      names = "--epochs", paramLabel = "N",
      description = "Models that are trained here: passes over them (default: 15).")
  private Integer epochs;

  /**
   * What is studied.
   *
   * @param setup what it is, in words
   */
  record Study(
      List<Path> weights, Model model, ImageDataset samples, Map<String, String> setup,
      Workers workers, Terminal terminal) {

    /** What is done with one model. */
    @FunctionalInterface
    interface OneStudy {
      List<StudyOutcome> run(Weights weights, StudyListener listener, ImageDataset samples);
    }

    /**
     * Each way's scores of all samples under every model, one model's after the other's.
     *
     * @param name of the study, as progress says it
     */
    List<StudyOutcome> run(String name, OneStudy study) {
      List<List<StudyOutcome>> all = new ArrayList<>();
      weights.forEach(file -> all.add(List.of()));
      Progress progress = terminal.progress(null);
      progress.begin(name, weights.size(), 0);
      try {
        workers.each(
            IntStream.range(0, weights.size()).boxed().toList(), progress,
            (index, backend, own) -> {
              own.model(index);
              try (Weights loaded = Weights.load(model, backend, weights.get(index))) {
                StudyListener listener =
                    (way, fraction) -> own.update(fraction, Map.of("evaluation", way));
                all.set(index, study.run(loaded, listener, samples));
              }
              own.end("studied", Map.of());
            });
      } finally {
        progress.finish();
      }
      return StudyOutcome.together(all);
    }

    /** The setup with one more line, and with what it ran on. */
    Map<String, String> setup(String key, String value) {
      Map<String, String> all = new LinkedHashMap<>(setup);
      all.put(key, value);
      all.put("Device", workers.description());
      all.put("Versions", "Sagitta " + Version.sagitta() + ", Java " + Version.java());
      all.put("System", Version.system());
      return all;
    }
  }

  /**
   * Opens everything, and trains where no weights are given.
   *
   * @param weights files of one network; none for a model that is trained and kept
   * @param width of the network; null for the architecture's own, or what a file says
   * @param out made if it is not there; receives what is trained
   * @param name of the file of what is trained
   */
  Study prepare(
      List<Path> weights, Integer width, Path out, String name, int count, long seed,
      Workers workers, Terminal terminal) {
    Datasets.Kind kind = Datasets.Kind.of(dataset);
    pictures.requireUse(kind, data);
    if (!weights.isEmpty() && (trainSamples != null || epochs != null)) {
      throw new IllegalArgumentException(
          "--train-samples, --epochs: expected none with --weights, which are trained, got "
              + (trainSamples != null ? trainSamples : epochs));
    }
    ImageDataset scored =
        first(Datasets.open(kind, data, Split.of(split), folder()), "--samples", count);
    ModelSpec spec =
        weights.isEmpty()
            ? ModelSpec.of(trained(), scored.classes(), width == null ? 0 : width)
            : network(weights, width, scored);
    Model model = Models.create(spec);
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": cannot be made: " + e, e);
    }
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("Data", scored.name() + ", the first " + scored.size() + " of " + split);
    setup.put("Network", spec.toString());
    List<Path> files = weights;
    if (weights.isEmpty()) {
      Path file = out.resolve(name);
      ImageDataset all = Datasets.open(kind, data, Split.TRAIN, folder());
      ImageDataset images = first(
              all, "--train-samples",
              trainSamples == null ? Math.min(TRAIN_SAMPLES, all.size()) : trainSamples);
      setup.put("Training", train(file, model, images, seed, workers, terminal));
      files = List.of(file);
    }
    return new Study(files, model, scored, setup, workers, terminal);
  }

  /** The architecture of a network that is trained here. */
  private String trained() {
    return architecture == null ? ARCHITECTURE : architecture;
  }

  /** The one network of all files. */
  private ModelSpec network(List<Path> weights, Integer width, ImageDataset scored) {
    NamedNetwork named = new NamedNetwork(architecture, width, null);
    ModelSpec first = null;
    for (Path file : weights) {
      ModelSpec spec = named.of(file, Safetensors.read(file), scored.classes());
      first = first == null ? spec : first;
      if (!spec.equals(first)) {
        throw new IllegalArgumentException(
            "--weights: expected files of one network, got " + weights.get(0) + " of " + first
                + " and " + file + " of " + spec);
      }
    }
    if (first.classes() != scored.classes()) {
      throw new IllegalArgumentException(
          "--weights: expected a network of the " + scored.classes() + " classes of "
              + scored.name() + ", got " + weights.get(0) + " of " + first);
    }
    return first;
  }

  private FolderOptions folder() {
    return pictures.over(FolderOptions.AS_THEY_ARE);
  }

  private static ImageDataset first(ImageDataset images, String option, int count) {
    if (count < 1 || count > images.size()) {
      throw new IllegalArgumentException(
          option + ": expected 1 to " + images.size() + ", the size of " + images.name()
              + ", got " + count);
    }
    return images.first(count);
  }

  /** Trains and saves; says how it went. */
  private String train(
      Path file, Model model, ImageDataset images, long seed, Workers workers,
      Terminal terminal) {
    int passes = epochs == null ? EPOCHS : epochs;
    TrainConfig config =
        TrainConfig.of(
            passes, BATCH, Models.learningRate(trained()), Augment.Mode.NONE, seed);
    double[] accuracy = new double[1];
    Progress progress = terminal.progress(null);
    progress.begin("train", 1, 0);
    try {
      workers.each(
          List.of(0), progress,
          (index, backend, own) -> {
            own.model(index);
            TrainResult result =
                Trainer.train(
                    model, backend, images, IntStream.range(0, images.size()).toArray(), config,
                    null, new TrainProgress(own, passes, images.size()));
            try (Weights trained = result.weights()) {
              trained.save(file, config.metadata());
            }
            accuracy[0] = result.trainAccuracy();
            own.end("trained", Map.of());
          });
    } finally {
      progress.finish();
    }
    return String.format(
        Locale.ROOT, "%d epochs on the first %d images of %s; training accuracy %.3f", passes,
        images.size(), images.name(), accuracy[0]);
  }
}
