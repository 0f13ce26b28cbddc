package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
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
 * The devices that models are worked on with, one worker each. Models come from one queue, and
 * which device takes which makes no difference to the results.
 */
public final class Workers implements AutoCloseable {
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
  private final String reason;

  /** Workers on devices that {@code opener} opens by name. */
  Workers(List<String> names, String reason, Function<String, Backend> opener) {
    this.reason = reason;
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

  /** One line on what is computed with. */
  public String description() {
    return workers.stream().map(Worker::description).collect(Collectors.joining("; "));
  }

  /** Whether every device has products in this precision. */
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
    Queue<Integer> queue = new ConcurrentLinkedQueue<>(models);
    if (workers.size() == 1) {
      workers.get(0).work(queue, progress, task);
    } else {
      new Crew(workers, progress).work(queue, task);
    }
  }

  @Override
  public void close() {
    workers.forEach(Worker::close);
  }
}
