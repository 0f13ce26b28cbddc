package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * The likelihood ratio of zero-order input loss curvature. Training on a sample flattens the loss
 * around it, so {@code c = log curv} is modelled as one Gaussian a sample over the shadows that had
 * it and one over those that had not.
 *
 * <p>Paper: {@code c = log(curv + 1e-22)} in {@link PublishedRatio#likelihoodRatio}. Corrected:
 * {@code c = log max(curv, least positive curvature of any shadow)} in {@link GaussianRatio}.
 */
final class CurvZoLr implements Attack {
  @Override
  public String id() {
    return "curv-zo-lr";
  }

  @Override
  public String title() {
    return "Curv ZO LR";
  }

  @Override
  public String reference() {
    return "Ravikumar, Soufleri, Roy: Curvature Clues, NeurIPS 2024";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.CURV_ZO), true, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    return input.mode() == Mode.PAPER
        ? PublishedRatio.likelihoodRatio(input, Feature.publishedLog(Signal.CURV_ZO))
        : corrected(input);
  }

  static Guess corrected(AttackInput input) {
    double floor = input.leastPositive(Signal.CURV_ZO);
    return GaussianRatio.guess(input, Feature.log(Signal.CURV_ZO, floor));
  }
}
