package io.sagitta.attack.spark;

import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Devices;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Where the calling task runs, and with what. */
final class TaskSite {
  private static final String GPU = "gpu";

  private TaskSite() {}

  /** Such as {@code worker-3 (executor 7)}. */
  static String name() {
    return host() + " (executor " + SparkEnv.get().executorId() + ")";
  }

  static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return SparkEnv.get().blockManager().blockManagerId().host();
    }
  }

  /** Opens the task's device; a task on the host has as many threads as Spark gives it cores. */
  static Workers open(String asked) {
    TaskContext task = TaskContext.get();
    Devices.hostThreads(task.cpus());
    Map<String, ResourceInformation> resources = task.resourcesJMap();
    String[] gpus = resources.containsKey(GPU) ? resources.get(GPU).addresses() : new String[0];
    return Workers.open(TaskDevice.of(asked, gpus));
  }
}
