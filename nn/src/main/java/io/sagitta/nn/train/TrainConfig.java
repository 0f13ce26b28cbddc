package io.sagitta.nn.train;

import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.optim.Schedule;
import io.sagitta.nn.privacy.Privacy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a network is trained.
 *
 * @param epochs passes over the members
 * @param batch images of a step; their mean number in private training
 * @param lr the learning rate that the schedule scales
 * @param momentum of the optimiser, in [0, 1)
 * @param weightDecay λ of λ/2·‖w‖², on every trainable parameter
 * @param nesterov whether the gradient is taken ahead, which needs a momentum
 * @param schedule the rate of each epoch
 * @param augment what is done to a training image
 * @param precision of the convolutions, forward and backward; the rest is computed in binary32
 * @param optimizer what follows the gradients
 * @param privacy how privately; null for plain training
 * @param seed of the initial weights, the order of the batches and the views
 */
public record TrainConfig(
    int epochs,
    int batch,
    double lr,
    double momentum,
    double weightDecay,
    boolean nesterov,
    Schedule schedule,
    Augment.Mode augment,
    Precision precision,
    OptimizerKind optimizer,
    Privacy privacy,
    long seed) {
  private static final double PAPER_MOMENTUM = 0.9;
  private static final double PAPER_WEIGHT_DECAY = 1e-4;

  /** Checks. */
  public TrainConfig {
    require(epochs >= 1, "epochs >= 1", epochs);
    require(batch >= 1, "batch >= 1", batch);
    require(lr > 0 && Double.isFinite(lr), "a finite lr > 0", lr);
    require(momentum >= 0 && momentum < 1, "momentum in [0, 1)", momentum);
    require(weightDecay >= 0 && Double.isFinite(weightDecay), "a finite weight decay >= 0",
        weightDecay);
    require(!nesterov || momentum > 0, "momentum > 0 with nesterov", momentum);
    require(
        privacy == null || precision == Precision.FP32,
        "precision fp32 in private training, where a rounded norm would not bound its gradient",
        precision);
  }

  /** Plain training by stochastic gradient descent. */
  public TrainConfig(
      int epochs, int batch, double lr, double momentum, double weightDecay, boolean nesterov,
      Schedule schedule, Augment.Mode augment, Precision precision, long seed) {
    this(
        epochs, batch, lr, momentum, weightDecay, nesterov, schedule, augment, precision,
        OptimizerKind.SGD, null, seed);
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException("train: expected " + expected + ", got " + got);
    }
  }

  /** The paper's settings for the rest: momentum 0.9, weight decay 1e-4, steps at 60 and 80 %. */
  public static TrainConfig of(int epochs, int batch, double lr, Augment.Mode augment, long seed) {
    return new TrainConfig(
        epochs, batch, lr, PAPER_MOMENTUM, PAPER_WEIGHT_DECAY, false, Schedule.MULTI_STEP, augment,
        Precision.FP32, seed);
  }

  /** The same with convolutions in another precision. */
  public TrainConfig in(Precision other) {
    return new TrainConfig(
        epochs, batch, lr, momentum, weightDecay, nesterov, schedule, augment, other, optimizer,
        privacy, seed);
  }

  /** The same by another optimiser. */
  public TrainConfig by(OptimizerKind other) {
    return new TrainConfig(
        epochs, batch, lr, momentum, weightDecay, nesterov, schedule, augment, precision, other,
        privacy, seed);
  }

  /** The same, private; null for plain. */
  public TrainConfig privately(Privacy asked) {
    return new TrainConfig(
        epochs, batch, lr, momentum, weightDecay, nesterov, schedule, augment, precision,
        optimizer, asked, seed);
  }

  /**
   * What private training keeps; null where it is plain.
   *
   * @param members how many there are
   * @throws IllegalArgumentException as {@link Privacy#promise}
   */
  public Privacy.Promise promise(int members) {
    return privacy == null ? null : privacy.promise(members, batch, epochs);
  }

  /** The learning rate of an epoch, counted from 0. */
  public double rate(int epoch) {
    return lr * schedule.factor(epoch, epochs);
  }

  /** The fields as text, as files record them. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("epochs", Integer.toString(epochs));
    metadata.put("batch", Integer.toString(batch));
    metadata.put("lr", Double.toString(lr));
    metadata.put("momentum", Double.toString(momentum));
    metadata.put("weight_decay", Double.toString(weightDecay));
    metadata.put("nesterov", Boolean.toString(nesterov));
    metadata.put("schedule", schedule.toString());
    metadata.put("augment", augment.toString());
    metadata.put("precision", precision.toString());
    if (optimizer != OptimizerKind.SGD) {
      metadata.put("optimizer", optimizer.toString());
    }
    metadata.put("seed", Long.toString(seed));
    return metadata;
  }
}
