package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.kernels.SharedCores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Several workers at once, a thread each, that divide the host's cores and stop together when one
 * fails.
 */
final class Crew implements Progress {
  private final List<Worker> workers;
  private final Progress listener;
  private final SharedCores cores = new SharedCores();
  private Throwable failure;

  Crew(List<Worker> workers, Progress listener) {
    this.workers = workers;
    this.listener = listener;
  }

  /** Works until the queue is empty; throws the first failure when all have stopped. */
  void work(Queue<Integer> queue, Workers.Task task) {
    List<Thread> threads = new ArrayList<>();
    for (Worker worker : workers) {
      Thread thread = new Thread(() -> cores.run(() -> work(worker, queue, task)), worker.name());
      thread.start();
      threads.add(thread);
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= joined(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void work(Worker worker, Queue<Integer> queue, Workers.Task task) {
    try {
      worker.work(queue, this, task);
    } catch (RuntimeException | Error e) {
      queue.clear();
      note(e);
    }
  }

  private synchronized void note(Throwable thrown) {
    if (failure == null) {
      failure = thrown;
    } else if (!(thrown instanceof StoppedException)) {
      failure.addSuppressed(thrown);
    }
  }

  /** Waits for a thread to end, whatever happens; says whether this thread was interrupted. */
  private static boolean joined(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  private void requireGoing() {
    if (failure != null) {
      throw new StoppedException("stopped, since other work failed");
    }
  }

  @Override
  public synchronized void check() {
    requireGoing();
    listener.check();
  }

  @Override
  public synchronized void model(int model) {
    requireGoing();
    listener.model(model);
  }

  @Override
  public synchronized void update(double fraction, Map<String, Object> figures) {
    requireGoing();
    listener.update(fraction, figures);
  }

  @Override
  public synchronized void end(String outcome, Map<String, Object> figures) {
    listener.end(outcome, figures);
  }
}
