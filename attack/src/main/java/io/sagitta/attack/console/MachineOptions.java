package io.sagitta.attack.console;

import io.sagitta.attack.work.Clusters;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to work on a run's models with: devices of this machine, or a cluster. */
public final class MachineOptions {
  @Mixin private DeviceOption device;

  @Option(
      names = "--master", paramLabel = "URL",
      description = "Hand the models to Apache Spark, one task each: local[*]; or, begun by"
          + " spark-submit, spark://HOST:PORT, yarn or k8s://URL. Run folder and data must lie where"
          + " every machine sees them under the same path; GPUs are those that Spark assigns.")
  private String master;

  /** Opens what was asked for; the caller closes it. */
  public Machines open(Terminal terminal) {
    String cluster = Clusters.master(master);
    return cluster == null ? device.open(terminal) : device.openOn(cluster);
  }

  /**
   * The same for work on several models, as many at the same time as was asked for.
   *
   * @throws IllegalArgumentException if the device does not work on several, or a cluster is asked
   *     to, which works on as many as it has room for
   */
  public Machines open(Terminal terminal, AtOnceOption atOnce) {
    String cluster = Clusters.master(master);
    if (cluster == null) {
      return device.open(terminal, atOnce);
    }
    if (atOnce.value().models() > 1) {
      throw new IllegalArgumentException(
          "at-once: expected auto on a cluster, whose cores a task ('spark.task.cpus') say how many"
              + " models it works on, got " + atOnce.value().models());
    }
    return device.openOn(cluster);
  }

  /**
   * The same for work that is one model's.
   *
   * @throws IllegalArgumentException if several devices or a cluster were asked for
   */
  public Workers openOne(Terminal terminal) {
    if (master != null) {
      throw new IllegalArgumentException(
          "master: expected none for one model alone, got " + master);
    }
    return device.openOne(terminal);
  }
}
