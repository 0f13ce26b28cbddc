package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.Precision;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device and what it takes to open it again. */
final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final String name;
  private final Function<String, Backend> opener;
  private Backend backend;

  Worker(String name, Function<String, Backend> opener) {
    this.name = name;
    this.opener = opener;
    open();
    LOG.info("computing on {}: {}", name, backend.description());
  }

  /** Opens the device, or opens it again when the worker is closed. */
  void open() {
    backend = opener.apply(name);
  }

  String name() {
    return name;
  }

  boolean isHost() {
    return "host".equals(name);
  }

  String kind() {
    return backend.name();
  }

  String description() {
    return backend.description();
  }

  boolean supports(Precision precision) {
    return backend.supports(precision);
  }

  /**
   * Works on models until the queue is empty. A device that is lost is opened again, which helps
   * where nobody else in the process has it open.
   */
  void work(Queue<Integer> queue, Progress progress, Workers.Task task) {
    Progress own =
        new DeviceProgress(progress, isHost() ? null : name, () -> backend.memoryUse());
    for (Integer model = queue.poll(); model != null; model = queue.poll()) {
      try {
        task.run(model, backend, own);
      } catch (DeviceException e) {
        if (!e.isDeviceLost()) {
          throw e;
        }
        LOG.warn("{} was lost while it worked on model {}: {}", name, model, e.getMessage());
        reopen(e);
        LOG.warn("{} is open again; once more model {}", name, model);
        onceMore(model, own, task);
      }
    }
  }

  private void onceMore(int model, Progress own, Workers.Task task) {
    try {
      task.run(model, backend, own);
    } catch (DeviceException e) {
      if (!e.isDeviceLost()) {
        throw e;
      }
      throw lostTwice(name, model, e);
    }
  }

  /** What ends the work when a device is lost a second time with one model. */
  static DeviceException lostTwice(String name, int model, DeviceException second) {
    return new DeviceException(
        name + " was lost twice while it worked on model " + model + "; what is done is kept."
            + " The second time: " + second.getMessage(),
        true, second);
  }

  private void reopen(DeviceException lost) {
    try {
      backend.close();
      open();
    } catch (DeviceException e) {
      lost.addSuppressed(e);
      throw lost;
    }
  }

  /**
   * Closes all of them, also where one fails to.
   *
   * @throws DeviceException the first failure, with the others as suppressed
   */
  static void closeAll(List<Worker> workers) {
    DeviceException failure = null;
    for (Worker worker : workers) {
      try {
        worker.close();
      } catch (DeviceException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    backend.close();
  }
}
