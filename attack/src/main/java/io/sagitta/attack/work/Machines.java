package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import java.io.Serializable;
import java.util.List;

/**
 * What a run's models are worked on with: the devices of this machine, or those of a cluster. Which
 * device takes which model makes no difference to the results.
 */
public interface Machines extends AutoCloseable {
  /** What is done with a model. It holds nothing of its process, so it can be sent to others. */
  interface Step extends Serializable {
    /**
     * Works on one model; may be called by several threads at once, for different models.
     *
     * @param backend stays open
     */
    void run(Run run, int model, Backend backend, Progress progress);
  }

  /** One line on what is computed with. */
  String description();

  /** Whether every device has products in this precision. */
  boolean support(Precision precision);

  /**
   * Works on every model, and returns when all is done. The first failure ends the work on the
   * other devices too.
   *
   * @param progress hears of all devices, one call at a time
   */
  void each(Run run, List<Integer> models, Progress progress, Step step);

  @Override
  void close();
}
