package io.sagitta.attack.spark;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.work.ClusterException;
import io.sagitta.attack.work.Machines;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.io.BadFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/** The executors of a Spark application: this process is its driver. */
final class SparkMachines implements Machines {
  private static final long MILLIS_BETWEEN_LOOKS = 250;

  /** For tasks that were stopped to keep what they have. */
  private static final long PATIENCE_MILLIS = 15_000;

  private final JavaSparkContext spark;
  private final String device;
  private final Survey survey;
  private final int ownThreads;
  private List<Survey.Answer<Survey.Computer>> computers;
  private RunOnCluster checked;

  private SparkMachines(JavaSparkContext spark, String device, int ownThreads) {
    this.spark = spark;
    this.device = device;
    this.survey = new Survey(spark);
    this.ownThreads = ownThreads;
  }

  static SparkMachines connect(String master, String device) {
    TaskDevice.requireKnown(device);
    int ownThreads = Devices.hostThreads();
    SparkConf conf = SparkSettings.of(master);
    SparkMachines machines;
    try {
      machines = new SparkMachines(new JavaSparkContext(conf), device, ownThreads);
    } catch (Exception e) {
      // Scala does not declare what it throws.
      throw new ClusterException("master " + master + ": cannot be used: " + e.getMessage(), e);
    }
    try {
      machines.meet();
      return machines;
    } catch (RuntimeException | Error e) {
      machines.close();
      throw e;
    }
  }

  /** Finds out what executors compute with. */
  private void meet() {
    String asked = device;
    computers = survey.ask(() -> Survey.Computer.here(asked));
    String failures = Survey.failures(computers);
    if (!failures.isEmpty()) {
      throw new DeviceException("not every executor can compute:\n" + failures);
    }
    if (computers.stream().map(c -> c.value().device()).distinct().count() > 1) {
      throw new DeviceException(
          "expected one kind of device on all executors, since results have other bits on another,"
              + " found\n"
              + computers.stream()
                  .map(c -> c.site() + ": " + c.value().description())
                  .collect(Collectors.joining("\n"))
              + "\n--device chooses one");
    }
  }

  @Override
  public String description() {
    return "Spark " + spark.version() + " at " + spark.master() + ", " + computers.size()
        + " executors: "
        + computers.stream()
            .map(c -> c.value().description())
            .distinct()
            .collect(Collectors.joining("; "));
  }

  @Override
  public boolean support(Precision precision) {
    return computers.stream().allMatch(c -> c.value().precisions().contains(precision));
  }

  @Override
  public void each(Run run, List<Integer> models, Progress progress, Step step) {
    if (models.isEmpty()) {
      return;
    }
    RunOnCluster named = RunOnCluster.of(run);
    requireSeen(run, named);
    ModelReports reports = ModelReports.of(run);
    reports.begin();
    try (Watch watch = new Watch(reports, models, progress)) {
      work(models, new ModelTask(named, device, step), watch);
      seeNewFiles(run);
    } finally {
      reports.end();
    }
  }

  /**
   * Every machine must see the run and its data.
   *
   * @throws BadFileException naming those that do not, and what they see
   */
  private void requireSeen(Run run, RunOnCluster named) {
    if (named.equals(checked)) {
      return;
    }
    String failures =
        Survey.failures(
            survey.ask(
                () -> {
                  named.open().pool();
                  return "seen";
                }));
    if (!failures.isEmpty()) {
      throw new BadFileException(
          run.folder(),
          "expected every machine to see this run folder and its data, but nothing is begun, since"
              + " on\n" + failures);
    }
    checked = named;
  }

  private void work(List<Integer> models, ModelTask task, Watch watch) {
    JavaFutureAction<List<ModelReport>> action =
        spark.parallelize(models, models.size()).map(task).collectAsync();
    try {
      await(action, watch).forEach(watch::pass);
    } catch (RuntimeException | Error e) {
      stop(action);
      throw e;
    }
  }

  private static List<ModelReport> await(
      JavaFutureAction<List<ModelReport>> action, Watch watch) {
    while (true) {
      try {
        return action.get(MILLIS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        watch.look();
      } catch (ExecutionException e) {
        // Says first whether the work was asked to stop, as when Spark itself hears the signal.
        watch.look();
        throw new ClusterException(SparkFailure.explain(e.getCause()), e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClusterException("interrupted while executors worked", e);
      }
    }
  }

  /** Ends the tasks, and lets them keep what they have. */
  private void stop(JavaFutureAction<?> action) {
    action.cancel(true);
    long end = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (isBusy() && System.currentTimeMillis() < end) {
      try {
        Thread.sleep(MILLIS_BETWEEN_LOOKS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean isBusy() {
    return !spark.sc().isStopped()
        && Stream.of(spark.statusTracker().getExecutorInfos())
            .anyMatch(executor -> executor.numRunningTasks() > 0);
  }

  /** A network file system shows files made elsewhere once their folder is looked at anew. */
  private static void seeNewFiles(Run run) {
    for (String folder : List.of("models", "scores")) {
      try (Stream<Path> files = Files.list(run.folder().resolve(folder))) {
        files.forEach(file -> {});
      } catch (IOException e) {
        throw new UncheckedIOException(run.folder() + ": cannot be read: " + e, e);
      }
    }
  }

  @Override
  public void close() {
    boolean local = spark.isLocal();
    spark.close();
    if (local) {
      RunOnCluster.forget();
      Devices.hostThreads(ownThreads);
    }
  }
}
