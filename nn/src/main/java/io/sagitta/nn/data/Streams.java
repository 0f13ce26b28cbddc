package io.sagitta.nn.data;

import io.sagitta.kernels.Philox;

/** The Philox streams of this package; a purpose belongs to one use in the whole project. */
final class Streams {
  private static final int BATCH_ORDER = 16;
  private static final int AUGMENT = 17;
  private static final int SYNTHETIC_CLASS = 18;
  private static final int SYNTHETIC_SAMPLE = 19;

  private Streams() {}

  static long batchOrder(long epoch) {
    return Philox.stream(BATCH_ORDER, epoch);
  }

  static long augment(long epoch) {
    return Philox.stream(AUGMENT, epoch);
  }

  static long syntheticClass(int label) {
    return Philox.stream(SYNTHETIC_CLASS, label);
  }

  static long syntheticSample(long sample) {
    return Philox.stream(SYNTHETIC_SAMPLE, sample);
  }
}
