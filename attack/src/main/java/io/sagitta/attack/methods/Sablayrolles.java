package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * {@code −(loss − (μ_in + μ_out) / 2)}: the loss against a threshold of the sample's own, midway
 * between the mean losses of shadows with and without it ("MALT" with per-sample thresholds).
 * Paper: of the flipped image. Corrected: of the image as it is, a missing mean taken from the other side
 * ({@link ShadowMeans}).
 */
final class Sablayrolles implements Attack {
  private static final Feature LOSS = Feature.raw(Signal.LOSS);

  @Override
  public String id() {
    return "sablayrolles";
  }

  @Override
  public String title() {
    return "Sablayrolles et al.";
  }

  @Override
  public String reference() {
    return "Sablayrolles, Douze, Schmid, Ollivier, Jégou: White-box vs Black-box, ICML 2019";
  }

  @Override
  public String formula() {
    return "−(loss − (μ_in + μ_out) / 2)";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOSS), true, true, false);
  }

  @Override
  public Guess guess(AttackInput input) {
    int view = input.singleView();
    double[] loss = input.target(LOSS, view);
    ShadowMeans means = ShadowMeans.of(input.shadows(LOSS), view);
    int imputed = 0;
    for (int s = 0; s < loss.length; s++) {
      boolean missing = means.imputed()[s];
      imputed += missing && input.mode() == Mode.CORRECTED ? 1 : 0;
      loss[s] =
          missing && input.mode() == Mode.PAPER
              ? Double.NaN
              : -(loss[s] - (means.in()[s] + means.out()[s]) / 2);
    }
    return new Guess(loss, imputed);
  }
}
