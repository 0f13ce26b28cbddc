package io.sagitta.attack;

import io.sagitta.attack.console.AtOnceOption;
import io.sagitta.attack.console.Commands;
import io.sagitta.attack.console.CommonOptions;
import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.MachineOptions;
import io.sagitta.attack.console.PrivacyNotice;
import io.sagitta.attack.console.RunOptions;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.shadow.Divergence;
import io.sagitta.attack.shadow.ShadowTraining;
import io.sagitta.attack.work.AtOnce;
import io.sagitta.attack.work.Clusters;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Devices;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Trains the shadow and target models of a run folder, and goes on where an earlier launch ended,
 * however it ended.
 *
 * <pre>{@code
 * RunConfig config = RunConfig.builder(Datasets.Kind.CIFAR100).shadows(64).targets(3).build();
 * ShadowLauncher.Outcome outcome =
 *     ShadowLauncher.in(Path.of("runs/cifar100")).config(config).data(Path.of("data")).launch();
 * }</pre>
 *
 * <p>As a program: {@code java io.sagitta.attack.ShadowLauncher RUN --dataset cifar100 --data DIR},
 * the same as {@code sagitta shadows}. With {@code --index i} it trains one model, so that the
 * tasks of a Slurm array or the pods of a Kubernetes indexed job can share a folder. With {@code
 * --master URL}, or submitted by spark-submit, it hands the models to Apache Spark, a task each.
 */
public final class ShadowLauncher {
  private final Path folder;
  private RunConfig config;
  private Path data;
  private String device = "auto";
  private AtOnce atOnce = AtOnce.AUTO;
  private String master;
  private Progress progress = Progress.NONE;
  private Integer index;

  /**
   * What a launch leaves.
   *
   * @param models how many the run has
   * @param trained how many of them have weights
   * @param diverged the records of those whose training diverged
   */
  public record Outcome(int models, int trained, List<Divergence> diverged) {}

  private ShadowLauncher(Path folder) {
    this.folder = folder;
  }

  /** A launcher for a run folder, new or not. */
  public static ShadowLauncher in(Path folder) {
    return new ShadowLauncher(folder);
  }

  /** What to train; without it the folder's own record decides. */
  public ShadowLauncher config(RunConfig value) {
    config = value;
    return this;
  }

  /** Where the data are; without it, where the folder's record says, or nowhere if procedural. */
  public ShadowLauncher data(Path value) {
    data = value;
    return this;
  }

  /** What to compute on, as {@link Devices} names it; {@code auto} without it. */
  public ShadowLauncher device(String value) {
    device = value;
    return this;
  }

  /** How many models to train at the same time; whichever is measured to be fastest without it. */
  public ShadowLauncher atOnce(AtOnce value) {
    atOnce = value;
    return this;
  }

  /**
   * Which cluster trains the models, such as {@code local[*]} or {@code spark://host:7077}; without
   * it, this machine.
   */
  public ShadowLauncher master(String value) {
    master = value;
    return this;
  }

  /** Hears how far it is, once a batch, and may throw to stop. */
  public ShadowLauncher progress(Progress value) {
    progress = value;
    return this;
  }

  /** Trains this model alone; other processes may train others of the folder at the same time. */
  public ShadowLauncher index(int value) {
    index = value;
    return this;
  }

  /**
   * Trains what is not trained yet.
   *
   * @throws io.sagitta.attack.run.RunConflictException if the folder has another configuration or
   *     is in use
   * @throws io.sagitta.nn.io.BadFileException if data or a file of the run are missing or damaged
   * @throws io.sagitta.kernels.DeviceException if the device cannot be used, or is lost twice
   * @throws io.sagitta.attack.work.ClusterException if work on a cluster fails
   * @throws java.io.UncheckedIOException if a file cannot be written; what is done is kept
   */
  public Outcome launch() {
    try (Machines machines = machines();
        Run run = Run.open(folder, this::asked, data, machines::description, index != null)) {
      return launch(run, machines, progress, index);
    }
  }

  private Machines machines() {
    if (master != null) {
      return Clusters.connect(master, device);
    }
    Workers workers = Workers.open(device);
    try {
      workers.atOnce(atOnce);
      return workers;
    } catch (RuntimeException e) {
      workers.close();
      throw e;
    }
  }

  private RunConfig asked(RunConfig recorded) {
    if (config == null && recorded == null) {
      throw new IllegalArgumentException(
          "config: expected one for the new run folder " + folder + ", got none");
    }
    return config == null ? recorded : config;
  }

  /**
   * The same on a run that is open.
   *
   * @param index the one model to train, or null for all
   */
  public static Outcome launch(Run run, Machines machines, Progress progress, Integer index) {
    int models = run.config().models();
    if (index != null && (index < 0 || index >= models)) {
      throw new IllegalArgumentException(
          "index: expected a model in 0.." + (models - 1) + ", got " + index);
    }
    List<Integer> chosen =
        index == null ? IntStream.range(0, models).boxed().toList() : List.of(index);
    new ShadowTraining(run, machines, progress).train(chosen);
    int trained = (int) IntStream.range(0, models).filter(run::hasWeights).count();
    return new Outcome(models, trained, Divergence.all(run));
  }

  /** Runs as a program. */
  public static void main(String[] arguments) {
    Commands.main(Arguments.class, arguments);
  }

  /** The command line of {@link #main} and of {@code sagitta shadows}. */
  @Command(
      name = "shadows",
      description = "Train the shadow and target models of a run folder, or go on training them.",
      versionProvider = Commands.Versions.class,
      footerHeading = "%nExamples:%n",
      footer = {
        "  sagitta shadows runs/c100 --dataset cifar100 --data data/cifar-100-binary",
        "  sagitta shadows runs/c100              go on where the last launch ended",
        "  sagitta shadows runs/c100 --index 7    model 7 alone, as a task of an array",
        "  sagitta shadows runs/c100 --master 'local[*]'          by Spark, on this machine",
        "  spark-submit --master spark://head:7077 --class io.sagitta.attack.ShadowLauncher \\",
        "                sagitta-spark.jar runs/c100              and on a cluster"
      })
  public static final class Arguments implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "The run folder; made if it is not there.")
    private Path folder;

    @Mixin private RunOptions options;

    @Option(
        names = "--index", paramLabel = "I",
        description = "Train model I alone; processes with other indices may share the folder.")
    private Integer index;

    @Mixin private MachineOptions machines;
    @Mixin private AtOnceOption atOnce;
    @Mixin private CommonOptions common;

    Arguments(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      try (Machines opened = machines.open(terminal, atOnce);
          Run run =
              Run.open(
                  folder, options::over, options.data(), opened::description, index != null)) {
        PrivacyNotice.say(terminal, run.modelSpec(), run.promise());
        Outcome outcome = launch(run, opened, terminal.progress(run.progress()), index);
        terminal.say(
            outcome.trained() + " of " + outcome.models() + " models are trained in " + folder);
        outcome.diverged().forEach(d -> terminal.say("model " + d.model() + ": " + d.message()));
        return (outcome.diverged().isEmpty() ? ExitCode.OK : ExitCode.DIVERGED).status();
      }
    }
  }
}
