package io.sagitta.nn.train;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Optimizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of training: the batch's mean cross-entropy, its gradients, the optimiser, and the
 * running statistics, which move a tenth of the way to the batch's mean and unbiased variance. Where
 * the backend records, steps with batches of one shape cost the host little after the first two; the
 * memory of a step is kept for them until this is closed.
 */
public final class TrainStep implements AutoCloseable {
  /** The share of a batch in the running statistics; PyTorch's default. */
  private static final double STATISTICS_MOMENTUM = 0.1;

  /**
   * What a batch was like before the step.
   *
   * @param loss its mean cross-entropy
   * @param correct how many of its images were classified right
   * @param images how many it has
   */
  public record Outcome(double loss, int correct, int images) {}

  private final Weights weights;
  private final Optimizer optimizer;
  private final BatchGradients batches;

  /**
   * Makes the step; it owns neither weights nor optimiser, which must live as long.
   *
   * @param precision of the convolutions, forward and backward
   */
  public TrainStep(Weights weights, Optimizer optimizer, Precision precision) {
    this.weights = weights;
    this.optimizer = optimizer;
    this.batches = new BatchGradients(weights, optimizer, precision);
  }

  /**
   * Takes a step. Where the loss is not finite nothing changes.
   *
   * @param images [N, H, W, 3], normalised
   * @param labels [N]
   * @param rate the learning rate
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public Outcome run(Tensor images, int[] labels, double rate) {
    try (Scope scope = Scope.open()) {
      BatchGradients.Result batch = batches.of(images, labels);
      double loss = batch.loss().item();
      // Before the update, so that a device computes that while the host makes the next batch.
      float[] logits = batch.logits().toFloats();
      if (Double.isFinite(loss)) {
        optimizer.step(batch.gradients(), rate);
        batch.statistics().forEach(this::moveRunningStatistics);
        weights.countBatch();
      }
      int correct = correct(logits, weights.model().spec().classes(), labels);
      return new Outcome(loss, correct, labels.length);
    }
  }

  /** What stands for an optimiser's parameters, by their names. */
  static Map<String, Tensor> named(Optimizer optimizer, List<Tensor> traced) {
    Map<String, Tensor> named = new HashMap<>();
    int next = 0;
    for (String name : optimizer.parameters().keySet()) {
      named.put(name, traced.get(next++));
    }
    return named;
  }

  private void moveRunningStatistics(BatchGradients.Statistics batch) {
    Shape channels = Shape.of(batch.values().shape().dim(1));
    double unbiased = batch.rows() / (batch.rows() - 1.0);
    DenseTensor mean = batch.values().view(0, channels);
    DenseTensor variance = batch.values().view(channels.elements(), channels);
    mean.backend()
        .moveStatistics(
            mean.buffer(), variance.buffer(), STATISTICS_MOMENTUM, unbiased,
            weights.get(batch.norm() + ".running_mean").buffer(),
            weights.get(batch.norm() + ".running_var").buffer());
  }

  /**
   * How many of the first rows have their greatest logit at their label.
   *
   * @param labels of the first rows of [N, classes]
   */
  static int correct(float[] logits, int classes, int[] labels) {
    int correct = 0;
    for (int i = 0; i < labels.length; i++) {
      correct += Evaluator.argmax(logits, i * classes, classes) == labels[i] ? 1 : 0;
    }
    return correct;
  }

  /** Gives back what was recorded. */
  @Override
  public void close() {
    batches.close();
  }
}
