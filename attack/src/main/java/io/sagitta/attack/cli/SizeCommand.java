package io.sagitta.attack.cli;

import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.DeviceOption;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.RunOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunInputs;
import io.sagitta.attack.study.SizeStudy;
import io.sagitta.attack.study.StudiedRun;
import io.sagitta.attack.study.Subsets;
import io.sagitta.attack.work.Workers;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "size",
    description = {
      "How do attacks fare over the size of the training set, and where does curvature overtake"
          + " the others? Trains, scores and attacks shadows and targets for each size, a run"
          + " folder each.",
      "Stopped, the same command continues. Leaves size.json, .csv and .html, pictures, and the"
          + " runs."
    },
    versionProvider = Commands.Versions.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  sagitta experiment size --dataset synthetic --sizes 50,200,800 --shadows 8 --targets 3",
      "  sagitta experiment size --dataset cifar100 --data data/cifar-100-binary --scale 0.1 \\",
      "                --subsets random,memorised --shadows 16 --targets 3 --out studies/size"
    })
final class SizeCommand implements Callable<Integer> {
  private static final double SCALE = 0.05;

  private final Terminal terminal;

  @Mixin private RunOptions options;

  @Range(least = 1)
  @Option(
      names = "--sizes", paramLabel = "M", split = ",",
      description = "Training images of each model (default: the paper's 500 to 45,000, scaled).")
  private List<Integer> sizes = List.of();

  @Range(above = 0, most = 1)
  @Option(
      names = "--scale", paramLabel = "S",
      description = "Multiplies the paper's sizes; those that need more images than there are, or"
          + " are below 20, are left out (default: 0.05).")
  private Double scale;

  @Option(
      names = "--subsets", paramLabel = "KIND", split = ",", defaultValue = "random",
      description = "How images are chosen: random; memorised, those of greatest curvature under"
          + " models that had them; or both (default: random).")
  private List<String> subsets;

  @Option(
      names = "--out", paramLabel = "DIR", defaultValue = "studies/size",
      description = "Receives runs and results (default: studies/size).")
  private Path out;

  @Mixin private DeviceOption device;
  @Mixin private CommonOptions common;

  SizeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (scale != null && !sizes.isEmpty()) {
      throw new IllegalArgumentException(
          "--scale: expected none with --sizes, which are taken as they are, got " + scale);
    }
    List<Subsets> kinds = subsets.stream().map(Subsets::of).distinct().toList();
    RunConfig config = options.over(null);
    ImageDataset all =
        Datasets.open(config.dataset(), options.data(), Split.TRAIN, config.pictures());
    int most =
        config.trainSamples() == 0 ? all.size() : all.first(config.trainSamples()).size();
    int[] wanted = Subsets.sizes(sizes, scale == null ? SCALE : scale, most);
    int greatest = wanted[wanted.length - 1];
    int[] random = Subsets.random(config.seed(), most);
    try (Workers workers = device.open(terminal)) {
      SizeStudy study = new SizeStudy();
      int[] ranked = null;
      if (kinds.contains(Subsets.MEMORISED)) {
        int[] pool = Arrays.copyOf(random, 2 * greatest);
        ranked =
            Subsets.byCurvature(pool, studied(config, Subsets.RANDOM, greatest, pool, workers));
      }
      for (Subsets kind : kinds) {
        int[] order = kind == Subsets.RANDOM ? random : ranked;
        for (int size : wanted) {
          int[] pool = Arrays.copyOf(order, 2 * size);
          study.add(kind.text(), size, studied(config, kind, size, pool, workers));
        }
      }
      return StudyOutput.write(study.report(setup(config, all, workers, wanted)), out, terminal);
    }
  }

  /** Trains and scores what is not done yet. */
  private StudiedRun studied(
      RunConfig config, Subsets kind, int size, int[] pool, Workers workers) {
    RunConfig own = config.toBuilder().trainSamples(pool.length).build();
    Path folder = out.resolve(kind.text() + "-" + size);
    terminal.say(kind.text() + " subsets, " + size + " training images a model: " + folder);
    try (Run run =
        Run.open(folder, recorded -> own, options.data(), pool, workers::description, false)) {
      Steps steps = new Steps(run, terminal);
      steps.shadows(workers);
      steps.score(workers);
      return steps.studied();
    }
  }

  private Map<String, String> setup(
      RunConfig config, ImageDataset all, Workers workers, int[] wanted) {
    Map<String, String> setup = new LinkedHashMap<>();
    setup.put("Data", all.toString());
    setup.put("Sizes", Arrays.toString(wanted));
    setup.put(
        "Network",
        RunInputs.network(config, all.classes(), all.height(), all.width()).toString());
    setup.put(
        "Models",
        config.shadows() + " shadows and " + config.targets() + " targets of each size, each"
            + " trained on a random half");
    setup.put("Training", RunInfos.training(config));
    setup.put("Seed", Long.toString(config.seed()));
    setup.put("Device", workers.description());
    return setup;
  }
}
