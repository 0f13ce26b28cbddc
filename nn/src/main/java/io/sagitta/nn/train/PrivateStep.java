package io.sagitta.nn.train;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.SampleGradients;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Optimizer;
import io.sagitta.nn.privacy.GaussianNoise;
import io.sagitta.nn.privacy.Privacy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One step of private training (Abadi and others, "Deep Learning with Differential Privacy", CCS 2016,
 * algorithm 1): each sample's gradient is clipped, w = min(1, C/‖g‖), the optimiser follows (Σ w·g +
 * σC·z)/B, z standard normal, and B is the mean size of a batch, whatever this one's. No sample's
 * gradient is stored ({@link SampleGradients}).
 *
 * <p>A batch is computed on in virtual batches, whose gradients are added up. They are filled up to one
 * of a few sizes with images of no weight, since batches are of any size, and kernels are made, and
 * on some devices tuned, for each size.
 */
public final class PrivateStep {
  /** The most sizes that virtual batches come in. */
  private static final int SIZES = 8;

  /** What is trained on. */
  public interface Samples {
    /** Images [indices.length, H, W, 3], normalised, in the current scope. */
    DenseTensor images(int... indices);

    /** Their labels. */
    int[] labels(int... indices);
  }

  private final Weights weights;
  private final Optimizer optimizer;
  private final Privacy.Promise promise;
  private final int batch;
  private final int virtualBatch;
  private final long seed;
  private final List<Tensor> parameters;

  /** Makes the step; it owns neither weights nor optimiser. */
  public PrivateStep(Weights weights, Optimizer optimizer, Privacy.Promise promise, TrainConfig config) {
    this.weights = weights;
    this.optimizer = optimizer;
    this.promise = promise;
    this.batch = config.batch();
    int asked = promise.privacy().virtualBatch();
    this.virtualBatch = asked == 0 ? config.batch() : asked;
    this.seed = config.seed();
    this.parameters = List.copyOf(optimizer.parameters().values());
  }

  /**
   * Takes a step. Where a loss or a norm is not finite nothing changes.
   *
   * @param taken any number of samples, also none
   * @param step counts from 0 over the whole training
   * @param rate the learning rate
   */
  public TrainStep.Outcome run(Samples samples, int[] taken, long step, double rate) {
    try (Scope scope = Scope.open()) {
      List<Tensor> sums = new ArrayList<>();
      parameters.forEach(p -> sums.add(Tensor.zeros(p.backend(), p.shape())));
      double loss = 0;
      int correct = 0;
      for (int[] part : parts(taken)) {
        TrainStep.Outcome outcome = addGradients(samples, part, sums);
        loss += outcome.loss() * outcome.images();
        correct += outcome.correct();
      }
      if (Double.isFinite(loss)) {
        addNoise(sums, step);
        optimizer.step(sums, rate);
        weights.countBatch();
      }
      double mean = taken.length == 0 ? 0 : loss / taken.length;
      return new TrainStep.Outcome(mean, correct, taken.length);
    }
  }

  /** The images that {@link #run} asks for, a virtual batch at a time. */
  List<int[]> asked(int... taken) {
    return parts(taken).stream().map(this::filled).toList();
  }

  /** What the virtual batches have of a batch. */
  private List<int[]> parts(int... taken) {
    int count = (taken.length + virtualBatch - 1) / virtualBatch;
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int from = (int) ((long) taken.length * i / count);
              int to = (int) ((long) taken.length * (i + 1) / count);
              return Arrays.copyOfRange(taken, from, to);
            })
        .toList();
  }

  private int[] filled(int... part) {
    int[] filled = Arrays.copyOf(part, filledSize(virtualBatch, part.length));
    Arrays.fill(filled, part.length, filled.length, part[0]);
    return filled;
  }

  /** Adds a virtual batch's clipped gradients; its loss is NaN where a norm is not finite. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private TrainStep.Outcome addGradients(Samples samples, int[] part, List<Tensor> sums) {
    try (Scope scope = Scope.open()) {
      int[] filled = filled(part);
      DenseTensor images = samples.images(filled);
      int[] labels = samples.labels(filled);
      SampleGradients.Result result =
          SampleGradients.weighted(
              traced -> {
                Pass pass = Pass.train(TrainStep.named(optimizer, traced));
                Tensor logits = weights.model().forward(pass, images);
                return List.of(CrossEntropy.crossEntropy(logits, labels), logits);
              },
              parameters,
              squaredNorms -> clipped(squaredNorms, part.length));
      for (int i = 0; i < sums.size(); i++) {
        DenseTensor sum = sums.get(i).value();
        sum.backend().accumulate(result.gradients().get(i).value().buffer(), 1, sum.buffer());
      }
      double[] losses = Arrays.copyOf(result.outputs().get(0).toDoubles(), part.length);
      boolean finite = Arrays.stream(result.squaredNorms()).allMatch(Double::isFinite);
      double loss = finite ? Arrays.stream(losses).average().orElseThrow() : Double.NaN;
      int[] real = Arrays.copyOf(labels, part.length);
      int correct =
          TrainStep.correct(
              result.outputs().get(1).toFloats(), weights.model().spec().classes(), real);
      return new TrainStep.Outcome(loss, correct, part.length);
    }
  }

  /** The least size for so many images. */
  static int filledSize(int virtualBatch, int images) {
    int unit = (int) (((long) virtualBatch + SIZES - 1) / SIZES);
    return (int) Math.min(virtualBatch, ((long) images + unit - 1) / unit * unit);
  }

  /** What each sample's gradient is multiplied by; 0 for those that only fill up. */
  private double[] clipped(double[] squaredNorms, int real) {
    double[] factors = new double[squaredNorms.length];
    for (int i = 0; i < real; i++) {
      factors[i] = Math.min(1, promise.privacy().clip() / Math.sqrt(squaredNorms[i]));
    }
    return factors;
  }

  private void addNoise(List<Tensor> sums, long step) {
    double deviation = promise.noise() * promise.privacy().clip();
    for (int i = 0; i < sums.size(); i++) {
      DenseTensor sum = sums.get(i).value();
      GaussianNoise.add(sum, deviation, seed, step, i);
      sum.backend().affine(sum.buffer(), 1.0 / batch, 0, sum.buffer());
    }
  }
}
