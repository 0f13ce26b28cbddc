package io.sagitta.nn.train;

import io.sagitta.engine.DenseTensor;
import io.sagitta.kernels.Backend;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Optimizer;
import io.sagitta.nn.optim.OptimizerKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a training stands between two steps, in memory and as a checkpoint: a safetensors file of
 * the weights, the optimiser's state, and what the training was asked to do.
 */
final class TrainingState implements AutoCloseable {
  private static final String EPOCHS_DONE = "epochs_done";
  private static final String LOSS = "loss";
  private static final String ACCURACY = "accuracy";
  private static final String STEPS_DONE = "steps_done";
  private static final String LOSS_SUM = "loss_sum";
  private static final String CORRECT = "correct";
  private static final String SEEN = "seen";

  /** What a file says of how far the training is. */
  private static final Set<String> PROGRESS =
      Set.of(EPOCHS_DONE, LOSS, ACCURACY, STEPS_DONE, LOSS_SUM, CORRECT, SEEN);

  private final Weights weights;
  private final Optimizer optimizer;
  private int epochsDone;
  private double loss = Double.NaN;
  private double accuracy = Double.NaN;
  private int stepsDone;
  private double lossSum;
  private int correct;
  private int seen;

  private TrainingState(Weights weights, TrainConfig config) {
    this.weights = weights;
    this.optimizer =
        config
            .optimizer()
            .create(
                weights.trainable(), config.momentum(), config.weightDecay(), config.nesterov());
  }

  /** The start, from the configuration's seed. */
  static TrainingState initial(Model model, Backend backend, TrainConfig config) {
    return owning(Weights.initialize(model, backend, config.seed()), config);
  }

  private static TrainingState owning(Weights weights, TrainConfig config) {
    boolean done = false;
    try {
      TrainingState state = new TrainingState(weights, config);
      done = true;
      return state;
    } finally {
      if (!done) {
        weights.close();
      }
    }
  }

  /**
   * Goes on from a checkpoint.
   *
   * @param stepsPerEpoch how many an epoch has
   * @param description what the training is asked to do
   * @throws BadFileException if the file is damaged or was made for another training, naming what
   *     differs
   */
  static TrainingState load(
      Model model, Backend backend, TrainConfig config, int stepsPerEpoch, Path file,
      Map<String, String> description) {
    Safetensors.File checkpoint = Safetensors.read(file);
    Map<String, String> metadata = checkpoint.metadata();
    requireSame(file, description, metadata);
    Map<String, Entry> own = new LinkedHashMap<>(checkpoint.entries());
    own.keySet().removeIf(OptimizerKind::isState);
    TrainingState state = owning(Weights.of(model, backend, own, file), config);
    boolean done = false;
    try {
      state.optimizer.state().forEach((name, t) -> restore(checkpoint, name, t, file));
      state.epochsDone = count(file, metadata, EPOCHS_DONE, config.epochs());
      state.loss = number(file, metadata, LOSS);
      state.accuracy = number(file, metadata, ACCURACY);
      state.stepsDone = count(file, metadata, STEPS_DONE, stepsPerEpoch);
      state.lossSum = number(file, metadata, LOSS_SUM);
      state.correct = count(file, metadata, CORRECT, Integer.MAX_VALUE);
      state.seen = count(file, metadata, SEEN, Integer.MAX_VALUE);
      done = true;
      return state;
    } finally {
      if (!done) {
        state.close();
      }
    }
  }

  /** Both ways: what a file says more, such as of privacy, this training is not asked to do. */
  private static void requireSame(
      Path file, Map<String, String> expected, Map<String, String> found) {
    Set<String> keys = new LinkedHashSet<>(expected.keySet());
    keys.addAll(found.keySet());
    keys.removeAll(PROGRESS);
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      String here = expected.getOrDefault(key, "nothing");
      String there = found.getOrDefault(key, "nothing");
      if (!here.equals(there)) {
        differences.add(key + " expected " + here + ", found " + there);
      }
    }
    if (!differences.isEmpty()) {
      throw new BadFileException(
          file,
          "a checkpoint of another training, left as it is: " + String.join("; ", differences));
    }
  }

  private static void restore(
      Safetensors.File checkpoint, String name, DenseTensor tensor, Path file) {
    double[] values = checkpoint.entry(name).doubles();
    if (values.length != tensor.shape().elements()) {
      throw new BadFileException(
          file,
          "tensor '" + name + "': expected " + tensor.shape().elements() + " elements, found "
              + values.length);
    }
    tensor.backend().upload(values, 0, tensor.buffer(), 0, values.length);
  }

  private static double number(Path file, Map<String, String> metadata, String key) {
    String text = metadata.get(key);
    try {
      return Double.parseDouble(String.valueOf(text));
    } catch (NumberFormatException e) {
      throw new BadFileException(file, "metadata " + key + ": expected a number, found " + text, e);
    }
  }

  private static int count(Path file, Map<String, String> metadata, String key, int most) {
    double number = number(file, metadata, key);
    if (!(number >= 0 && number <= most && number == Math.rint(number))) {
      throw new BadFileException(
          file,
          "metadata " + key + ": expected a whole number in 0.." + most + ", found "
              + metadata.get(key));
    }
    return (int) number;
  }

  /** Writes a checkpoint, whole or not at all. */
  void save(Path file, Map<String, String> description) {
    List<Entry> entries = new ArrayList<>(weights.entries());
    optimizer.state().forEach((name, t) -> entries.add(Weights.entry(name, t)));
    Map<String, String> metadata = new LinkedHashMap<>(description);
    metadata.put(EPOCHS_DONE, Integer.toString(epochsDone));
    metadata.put(LOSS, Double.toString(loss));
    metadata.put(ACCURACY, Double.toString(accuracy));
    metadata.put(STEPS_DONE, Integer.toString(stepsDone));
    metadata.put(LOSS_SUM, Double.toString(lossSum));
    metadata.put(CORRECT, Integer.toString(correct));
    metadata.put(SEEN, Integer.toString(seen));
    Safetensors.write(file, entries, metadata);
  }

  Weights weights() {
    return weights;
  }

  Optimizer optimizer() {
    return optimizer;
  }

  int epochsDone() {
    return epochsDone;
  }

  /** Steps of the epoch that is not done. */
  int stepsDone() {
    return stepsDone;
  }

  /** The share of that epoch's images that were classified right. */
  double accuracySoFar() {
    return (double) correct / Math.max(1, seen);
  }

  /** The last whole epoch's mean loss. */
  double loss() {
    return loss;
  }

  /** The last whole epoch's accuracy. */
  double accuracy() {
    return accuracy;
  }

  void finishStep(TrainStep.Outcome outcome) {
    stepsDone++;
    lossSum += outcome.loss() * outcome.images();
    correct += outcome.correct();
    seen += outcome.images();
  }

  void finishEpoch() {
    epochsDone++;
    loss = lossSum / Math.max(1, seen);
    accuracy = accuracySoFar();
    stepsDone = 0;
    lossSum = 0;
    correct = 0;
    seen = 0;
  }

  /** Ends training: gives the optimiser's memory back and hands the weights over. */
  TrainResult finish() {
    optimizer.close();
    return new TrainResult(weights, loss, accuracy);
  }

  @Override
  public void close() {
    optimizer.close();
    weights.close();
  }
}
