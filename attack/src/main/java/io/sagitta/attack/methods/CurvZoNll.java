package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * The difference of negative log-likelihoods of zero-order input loss curvature.
 *
 * <p>Paper: {@code c = log(curv + 1e-22)} in {@link PublishedRatio#negativeLogLikelihoods}, which
 * gives both hypotheses the members' variance, so that it differs from {@link CurvZoLr}. Corrected:
 * with each side's own variance a difference of negative log-likelihoods <em>is</em> the log
 * likelihood ratio, and this attack is {@link CurvZoLr} itself.
 */
final class CurvZoNll implements Attack {
  @Override
  public String id() {
    return "curv-zo-nll";
  }

  @Override
  public String title() {
    return "Curv ZO NLL";
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
        ? PublishedRatio.negativeLogLikelihoods(input, Feature.publishedLog(Signal.CURV_ZO))
        : CurvZoLr.corrected(input);
  }
}
