package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The devices that models are worked on with, one worker each, or several on the only one. Models
 * come from one queue, and which worker takes which makes no difference to the results.
 */
public final class Workers implements Machines {
  /** What is done with a model. */
  public interface Task {
    /**
     * Works on one model; may be called by several threads at once, for different models.
     *
     * @param backend the worker's; stays open
     * @param progress the worker's
     */
    void run(int model, Backend backend, Progress progress);
  }

  private final List<Worker> workers = new ArrayList<>();

  /** Beside the only one on its device; kept while as many are asked for, warm with its kernels. */
  private final List<Worker> company = new ArrayList<>();

  private final String reason;
  private final Function<String, Backend> opener;
  private AtOnce atOnce = AtOnce.AUTO;

  /** Workers on devices that {@code opener} opens by name. */
  Workers(List<String> names, String reason, Function<String, Backend> opener) {
    this.reason = reason;
    this.opener = opener;
    try {
      names.forEach(name -> workers.add(new Worker(name, opener)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Opens devices.
   *
   * @param devices as {@link Devices} names them
   * @throws IllegalArgumentException if a name is unknown
   * @throws DeviceException if a device cannot be used
   */
  public static Workers open(String devices) {
    return open(Devices.select(devices));
  }

  /**
   * The same for work that is one model's.
   *
   * @throws IllegalArgumentException also if the name stands for several devices
   */
  public static Workers openOne(String devices) {
    Devices.Selection selection = Devices.select(devices);
    if (selection.names().size() > 1) {
      throw new IllegalArgumentException(
          "device: expected one device for one model, got " + selection.names().size() + " by '"
              + devices + "'");
    }
    return open(selection);
  }

  private static Workers open(Devices.Selection selection) {
    return new Workers(selection.names(), selection.reason(), Devices::open);
  }

  /** Why {@code auto} took the host, or null. */
  public String reason() {
    return reason;
  }

  /**
   * Sets how many models are trained on a device at the same time.
   *
   * @throws IllegalArgumentException if several devices are asked for several each
   */
  public void atOnce(AtOnce asked) {
    if (asked.models() > 1) {
      requireShareable(asked.models());
    }
    atOnce = asked;
  }

  /** How many models are trained on a device at the same time. */
  public AtOnce atOnce() {
    return atOnce;
  }

  /** Whether several models can be worked on at the same time on a device: where it is the only. */
  public boolean isShareable() {
    return workers.size() == 1;
  }

  /** Whether all is done on the host. */
  public boolean isHost() {
    return isShareable() && workers.get(0).isHost();
  }

  private void requireShareable(int models) {
    if (!isShareable()) {
      throw new IllegalArgumentException(
          "at-once: expected auto or 1 on "
              + workers.stream().map(Worker::name).collect(Collectors.joining(","))
              + ", since of several GPUs each works on one model at a time, got " + models);
    }
  }

  /** What kind of device computes, as its results are bound to it: {@code host} or {@code cuda}. */
  public String kind() {
    return workers.get(0).kind();
  }

  @Override
  public String description() {
    return workers.stream().map(Worker::description).collect(Collectors.joining("; "));
  }

  @Override
  public boolean support(Precision precision) {
    return workers.stream().allMatch(worker -> worker.supports(precision));
  }

  /**
   * Works on every model, and returns when all is done. Work on a device that is lost is done once
   * more, on the same device opened again. The first failure ends the work on the other devices
   * too, at their next sign of progress.
   *
   * @param progress hears of all workers, one call at a time
   */
  public void each(List<Integer> models, Progress progress, Task task) {
    keepCompany(0);
    Queue<Integer> queue = new ConcurrentLinkedQueue<>(models);
    if (workers.size() == 1) {
      workers.get(0).work(queue, progress, task);
    } else {
      new Crew(workers, progress).work(queue, task);
    }
  }

  /**
   * The same with several workers on the only device, each with a backend of its own. A GPU that is
   * lost is lost for all of them, and all that they worked on is done once more.
   *
   * @param count how many work at the same time; 1 for one a device
   * @throws IllegalArgumentException if several devices are asked for several each
   */
  public void each(List<Integer> models, int count, Progress progress, Task task) {
    int working = Math.min(count, models.size());
    if (working <= 1) {
      each(models, progress, task);
      return;
    }
    requireShareable(count);
    keepCompany(working - 1);
    List<Worker> all = new ArrayList<>(workers);
    all.addAll(company);
    if (isHost()) {
      new Crew(all, progress).work(new ConcurrentLinkedQueue<>(models), task);
    } else {
      new SharedGpu(all, progress).work(models, task);
    }
  }

  /** Opens workers beside the only one, or closes some, until there are so many. */
  private void keepCompany(int count) {
    while (company.size() > count) {
      company.remove(company.size() - 1).close();
    }
    while (company.size() < count) {
      company.add(new Worker(workers.get(0).name(), opener));
    }
  }

  @Override
  public void each(Run run, List<Integer> models, Progress progress, Step step) {
    each(
        models, progress,
        (model, backend, own) -> step.run(run, model, backend, own));
  }

  @Override
  public void close() {
    List<Worker> all = new ArrayList<>(company);
    all.addAll(workers);
    company.clear();
    Worker.closeAll(all);
  }
}
