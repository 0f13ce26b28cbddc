package io.sagitta.attack.console;

import io.sagitta.nn.privacy.Privacy;
import picocli.CommandLine.Option;

/** How privately models are trained. */
public final class PrivacyOptions {
  @Range(above = 0)
  @Option(
      names = "--dp-epsilon", paramLabel = "E",
      description = "Train with differential privacy E (DP-SGD): clipped gradients of Poisson samples"
          + " and Gaussian noise; batch normalisation becomes group normalisation.")
  private Double epsilon;

  @Range(least = 0)
  @Option(
      names = "--dp-noise", paramLabel = "S",
      description = "The same with a noise of S clipping norms, whatever epsilon that keeps; 0 clips"
          + " alone.")
  private Double noise;

  @Range(above = 0, below = 1)
  @Option(
      names = "--dp-delta", paramLabel = "D",
      description = "Delta of the privacy, less than one in the training images (default: 1e-5).")
  private Double delta;

  @Range(above = 0)
  @Option(
      names = "--dp-clip", paramLabel = "C",
      description = "Norm that each image's gradient is clipped to (default: 1).")
  private Double clip;

  @Range(least = 1)
  @Option(
      names = "--virtual-batch", paramLabel = "N",
      description = "Private training: images computed on at a time, which bounds the memory"
          + " (default: a batch).")
  private Integer virtualBatch;

  /**
   * Private training is asked for, how much of it by other means.
   *
   * @throws IllegalArgumentException if these options say how much
   */
  void ask() {
    if (isAsked()) {
      throw new IllegalArgumentException(
          "--epsilons: expected it alone, got --dp-epsilon or --dp-noise too");
    }
    epsilon = 1.0;
  }

  /** Whether private training is asked for. */
  boolean isAsked() {
    return epsilon != null || noise != null;
  }

  /**
   * These options over what is recorded.
   *
   * @param recorded null where there is none
   * @return null for plain training
   * @throws IllegalArgumentException if they contradict each other, or say how without saying how
   *     much
   */
  Privacy over(Privacy recorded) {
    if (epsilon != null && noise != null) {
      throw new IllegalArgumentException(
          "--dp-epsilon: expected it or --dp-noise, got both");
    }
    if (!isAsked() && recorded == null) {
      if (delta != null || clip != null || virtualBatch != null) {
        throw new IllegalArgumentException(
            "--dp-delta, --dp-clip, --virtual-batch: expected --dp-epsilon or --dp-noise with them,"
                + " got neither");
      }
      return null;
    }
    Privacy base = recorded == null ? Privacy.ofNoise(0) : recorded;
    return new Privacy(
        isAsked() ? orElse(epsilon, 0) : base.epsilon(),
        isAsked() ? orElse(noise, 0) : base.noise(), orElse(delta, base.delta()),
        orElse(clip, base.clip()), virtualBatch == null ? base.virtualBatch() : virtualBatch);
  }

  private static double orElse(Double value, double other) {
    return value == null ? other : value;
  }
}
