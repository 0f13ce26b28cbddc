package io.sagitta.bench;

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

  /** The work to be compared. */
  enum Kind {
    /** One step of SGD with momentum and weight decay on ResNet-18. */
    TRAIN("train", false),
    /** Logits of ResNet-18 in evaluation mode. */
    FORWARD("forward", false),
    /** The input gradient of each sample's loss, ResNet-18. */
    GRADIENT("gradient", false),
    /** The input Hessian of each sample's loss times a vector, ResNet-18. */
    HVP("hvp", false),
    /** The same with ten vectors on one base pass. */
    HVP10("hvp10", false),
    /** The paper's zero-order score of each sample by 4·10 + 1 plain queries, ResNet-18. */
    ZO("zo", false),
    /** One step of SGD on ResNet-8 of width 16, where overhead shows. */
    TRAIN_RESNET8("train-resnet8", true);

    private final String id;
    private final boolean small;

    Kind(String id, boolean small) {
      this.id = id;
      this.small = small;
    }

    /** The name on the command line. */
    public String id() {
      return id;
    }

    /** Whether the work is training. */
    public boolean trains() {
      return id.startsWith("train");
    }

    /** Channels of each stage. */
    public int[] widths() {
      return small ? new int[] {16, 32, 64} : new int[] {64, 128, 256, 512};
    }

    /** Basic blocks of each stage. */
    public int blocksPerStage() {
      return small ? 1 : 2;
    }

    /** The architecture's name in Sagitta. */
    public String architecture() {
      return small ? "resnet8" : "resnet18";
    }

    /** The kind with a name. */
    public static Kind of(String id) {
      return Arrays.stream(values())
          .filter(kind -> kind.id.equals(id.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "workload: expected one of "
                          + Arrays.stream(values()).map(Kind::id).toList() + ", got " + id));
    }
  }
}
