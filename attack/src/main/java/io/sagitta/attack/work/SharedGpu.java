package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.kernels.DeviceException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several workers on one GPU, each with a backend of its own. Backends of a device share what is
 * lost with it: a failure of one soon meets all, and the device works again only when all are
 * closed. Then all are opened again, and the models that were in work are done once more.
 */
final class SharedGpu {
  private static final Logger LOG = LoggerFactory.getLogger(SharedGpu.class);

  private final List<Worker> workers;
  private final Progress progress;
  private final Set<Integer> lostBefore = new HashSet<>();

  SharedGpu(List<Worker> workers, Progress progress) {
    this.workers = workers;
    this.progress = progress;
  }

  /**
   * Works on all models.
   *
   * @throws DeviceException if the device was lost twice while it worked on one model
   */
  void work(List<Integer> models, Workers.Task task) {
    List<Integer> left = models;
    while (!left.isEmpty()) {
      left = workUntilLost(left, task);
    }
  }

  /** Returns the models that are not done, with the device open again; none if it was not lost. */
  private List<Integer> workUntilLost(List<Integer> models, Workers.Task task) {
    Map<Integer, DeviceException> lost = new ConcurrentSkipListMap<>();
    Queue<Integer> untouched = new ConcurrentLinkedQueue<>();
    new Crew(workers, progress).work(
        new ConcurrentLinkedQueue<>(models),
        (model, backend, own) -> {
          if (!lost.isEmpty()) {
            untouched.add(model);
            return;
          }
          try {
            task.run(model, backend, own);
          } catch (DeviceException e) {
            if (!e.isDeviceLost()) {
              throw e;
            }
            lost.put(model, e);
          }
        });
    if (!lost.isEmpty()) {
      goOnAfter(lost);
    }
    List<Integer> left = new ArrayList<>(lost.keySet());
    left.addAll(untouched);
    return left;
  }

  private void goOnAfter(Map<Integer, DeviceException> lost) {
    String name = workers.get(0).name();
    lost.forEach(
        (model, failure) -> {
          LOG.warn("{} was lost while it worked on model {}: {}", name, model,
              failure.getMessage());
          if (!lostBefore.add(model)) {
            throw Worker.lostTwice(name, model, failure);
          }
        });
    reopen(lost.values().iterator().next());
    LOG.warn("{} is open again; once more models {}", name, lost.keySet());
  }

  private void reopen(DeviceException lost) {
    try {
      Worker.closeAll(workers);
    } catch (DeviceException e) {
      // Who has not used the device since it was lost hears of it now.
      lost.addSuppressed(e);
    }
    try {
      workers.forEach(Worker::open);
    } catch (DeviceException e) {
      lost.addSuppressed(e);
      throw lost;
    }
  }
}
