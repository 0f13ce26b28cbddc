package io.sagitta.attack.shadow;

import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.run.RunLock;
import io.sagitta.attack.work.AtOnce;
import io.sagitta.attack.work.Machines;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Philox;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.DivergedException;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainListener;
import io.sagitta.nn.train.TrainResult;
import io.sagitta.nn.train.Trainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Trains a run's models. A model is done when its weights file is there, whole; until then it has a
 * checkpoint of its last epoch. So whatever ends the process, the next one goes on and arrives at
 * the same bits.
 */
public final class ShadowTraining {
  private static final int PHILOX_PURPOSE = 33;

  private final Run run;
  private final Machines machines;
  private final Progress progress;

  /**
   * @param progress may throw to stop; what is done is kept
   */
  public ShadowTraining(Run run, Machines machines, Progress progress) {
    this.run = run;
    this.machines = machines;
    this.progress = progress;
  }

  /**
   * Trains those of the models that are not done. A model that diverges is recorded, and the others
   * go on. A model whose file is lost before the others are done is trained again.
   *
   * @param models their indices
   * @throws BadFileException if files of all that were trained are lost
   */
  public void train(List<Integer> models) {
    List<Integer> pending = unsettled(models);
    progress.begin("shadows", pending.size(), models.size() - pending.size());
    try {
      work(pending);
    } finally {
      progress.finish();
    }
    List<Integer> lost = unsettled(pending);
    if (lost.isEmpty()) {
      return;
    }
    if (lost.equals(pending)) {
      throw new BadFileException(
          run.weights(lost.get(0)), "expected the weights that were written, found none");
    }
    train(models);
  }

  private List<Integer> unsettled(List<Integer> models) {
    return models.stream().filter(model -> !isSettled(run, model)).toList();
  }

  private void work(List<Integer> pending) {
    if (machines instanceof Workers workers) {
      workers.each(
          pending, atOnce(workers, pending), progress,
          (model, backend, own) -> train(run, model, backend, own));
    } else {
      machines.each(run, pending, progress, ShadowTraining::train);
    }
  }

  /** How many to train at the same time: as asked, or as is measured to be fastest. */
  private int atOnce(Workers workers, List<Integer> pending) {
    AtOnce asked = workers.atOnce();
    if (!asked.isMeasured()) {
      return asked.models();
    }
    Trial trial =
        new Trial(
            workers, progress,
            (model, backend, listener) ->
                trained(run, model, backend, config(run.config(), model), null, listener)
                    .weights()
                    .close());
    return trial.choose(pending, steps(pending));
  }

  private long steps(List<Integer> models) {
    RunConfig config = run.config();
    return models.stream()
        .mapToLong(m -> run.membership().members(m).length / config.batch() * config.epochs())
        .sum();
  }

  private static TrainResult trained(
      Run run, int model, Backend backend, TrainConfig config, Path checkpoint,
      TrainListener listener) {
    return Trainer.train(
        Models.create(run.modelSpec()), backend, run.pool(), run.membership().members(model),
        config, checkpoint, listener);
  }

  /** Whether weights or a record of divergence are there, and this run's. */
  private static boolean isSettled(Run run, int model) {
    Path weights = run.weights(model);
    if (Files.exists(weights)) {
      run.requireOwn(weights, Safetensors.read(weights).metadata());
      delete(run.checkpoint(model));
      return true;
    }
    return Divergence.isRecorded(run, model);
  }

  private static void train(Run run, int model, Backend backend, Progress own) {
    own.model(model);
    RunLock lock = run.lockModel(model);
    try {
      trainLocked(run, model, backend, own);
    } finally {
      lock.close();
    }
  }

  private static void trainLocked(Run run, int model, Backend backend, Progress own) {
    if (isSettled(run, model)) {
      own.end("done by another process", Map.of());
      return;
    }
    TrainConfig config = config(run.config(), model);
    try {
      TrainResult result =
          trained(
              run, model, backend, config, run.checkpoint(model),
              new TrainProgress(own, config.epochs(), run.membership().members(model).length));
      try (Weights weights = result.weights()) {
        weights.save(run.weights(model), metadata(run, model, config, backend, result));
      }
      own.end(
          "trained", TrainProgress.figures(result.finalLoss(), result.trainAccuracy()));
    } catch (DivergedException e) {
      Divergence.of(run, model, e).write(run.diverged(model));
      own.end(e.getMessage(), Map.of());
    }
    delete(run.checkpoint(model));
  }

  /** Each model has a seed of its own: words 0 and 1 of a Philox block of the run's seed. */
  private static TrainConfig config(RunConfig config, int model) {
    int[] words = new int[4];
    new Philox(config.seed()).block(Philox.stream(PHILOX_PURPOSE, model), 0, words);
    long seed = (words[1] & 0xFFFFFFFFL) << 32 | words[0] & 0xFFFFFFFFL;
    return config.training(seed);
  }

  private static Map<String, String> metadata(
      Run run, int model, TrainConfig config, Backend backend, TrainResult result) {
    Map<String, String> metadata = run.metadata();
    metadata.putAll(config.metadata());
    metadata.put("seed", Long.toString(run.config().seed()));
    metadata.put("model_seed", Long.toString(config.seed()));
    metadata.put("model", Integer.toString(model));
    int members = run.membership().members(model).length;
    metadata.put("members", Integer.toString(members));
    if (config.privacy() != null) {
      metadata.putAll(config.promise(members).metadata());
    }
    metadata.put("normalization", run.pool().normalization().toString());
    metadata.put("device", backend.name());
    metadata.put("final_loss", Double.toString(result.finalLoss()));
    metadata.put("train_accuracy", Double.toString(result.trainAccuracy()));
    return metadata;
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be deleted: " + e, e);
    }
  }
}
