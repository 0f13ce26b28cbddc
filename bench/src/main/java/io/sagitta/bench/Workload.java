package io.sagitta.bench;

import io.sagitta.nn.models.ModelSpec;
import java.util.Arrays;
import java.util.Locale;

/** A repeatable piece of work over a batch of 32×32 colour images of 100 classes. */
public interface Workload extends AutoCloseable {
  /** Does the work once; it may still be under way on the device when this returns. */
  void step();

  /**
   * Does the work once more and returns what it comes to, so that one can tell whether it is right.
   *
   * @return rows of one length after each other, one a sample: the logits; the gradient or the last
   *     product, [3, 32, 32]; the score; of a training step one row, the loss before it
   * @throws UnsupportedOperationException of a work whose result is not looked at
   */
  double[] check();

  /** Returns when all steps are done. */
  default void finish() {}

  /** Variants say what they are, such as a memory layout. */
  default String note() {
    return "";
  }

  @Override
  default void close() {}

  /** What is done to a network. */
  enum Work {
    /** One step of SGD with momentum and weight decay. */
    TRAIN,
    /** Logits in evaluation mode. */
    FORWARD,
    /** The input gradient of each sample's loss. */
    GRADIENT,
    /** The input Hessian of each sample's loss times a vector. */
    HVP,
    /** The same with ten vectors on one base pass. */
    HVP10,
    /** The paper's zero-order score of each sample by 4·10 + 1 plain queries. */
    ZO
  }

  /** The work to be compared: of ResNet-18 where its name says no other network. */
  enum Kind {
    TRAIN(Work.TRAIN, ModelSpec.of("resnet18", Problem.CLASSES, 64)),
    FORWARD(Work.FORWARD, TRAIN.network),
    GRADIENT(Work.GRADIENT, TRAIN.network),
    HVP(Work.HVP, TRAIN.network),
    HVP10(Work.HVP10, TRAIN.network),
    ZO(Work.ZO, TRAIN.network),
    /** ResNet-8 of width 16, where overhead shows. */
    TRAIN_RESNET8(Work.TRAIN, ModelSpec.of("resnet8", Problem.CLASSES, 16)),
    /** The vision transformer of width 192, a smooth network. */
    TRAIN_VIT(Work.TRAIN, ModelSpec.of("vit-tiny", Problem.CLASSES, 192)),
    FORWARD_VIT(Work.FORWARD, TRAIN_VIT.network),
    GRADIENT_VIT(Work.GRADIENT, TRAIN_VIT.network),
    HVP_VIT(Work.HVP, TRAIN_VIT.network),
    ZO_VIT(Work.ZO, TRAIN_VIT.network);

    private final Work work;
    private final ModelSpec network;

    Kind(Work work, ModelSpec network) {
      this.work = work;
      this.network = network;
    }

    /** The name on the command line. */
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What is done. */
    public Work work() {
      return work;
    }

    /** Whether the work is training. */
    public boolean trains() {
      return work == Work.TRAIN;
    }

    /** Whether gradients are differentiated once more. */
    public boolean differentiatesTwice() {
      return work == Work.HVP || work == Work.HVP10;
    }

    /** What it is done to. */
    public ModelSpec network() {
      return network;
    }

    /** The kind with a name. */
    public static Kind of(String id) {
      return Arrays.stream(values())
          .filter(kind -> kind.id().equals(id.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "workload: expected one of "
                          + Arrays.stream(values()).map(Kind::id).toList() + ", got " + id));
    }
  }
}
