package io.sagitta.attack.spark;

import io.sagitta.attack.run.Run;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;

/**
 * The task of one model, on the executor that it was given to. All of a task's effects are whole
 * files in the run folder whose bits depend on the model alone: done twice, by a retry or a
 * speculative duplicate, it does nothing more.
 *
 * @param device as the user asked for it
 */
record ModelTask(RunOnCluster run, String device, Machines.Step step)
    implements Function<Integer, ModelReport> {
  @Override
  public ModelReport call(Integer model) {
    Run opened = run.open();
    opened.pool();
    TaskContext task = TaskContext.get();
    ReportedProgress progress =
        new ReportedProgress(ModelReports.of(opened), model, task::isInterrupted);
    try (Workers workers = TaskSite.open(device)) {
      workers.each(opened, List.of(model), progress, step);
    }
    return progress.last();
  }
}
