package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * The difference of negative log-likelihoods of input loss curvature.
 *
 * <p>Paper, of zero-order curvature alone: {@code c = log(curv + 1e-22)} in {@link
 * PublishedRatio#negativeLogLikelihoods}, which gives both hypotheses the members' variance, so
 * that it differs from {@link CurvLr}. Corrected: with each side's own variance a difference of
 * negative log-likelihoods <em>is</em> the log likelihood ratio, and this attack is {@link CurvLr}
 * itself.
 */
final class CurvNll implements Attack {
  private final Signal signal;
  private final CurvLr ratio;

  /**
   * @param signal one of the curvatures
   */
  CurvNll(Signal signal) {
    this.signal = signal;
    this.ratio = new CurvLr(signal);
  }

  @Override
  public String id() {
    return CurvLr.id(signal) + "-nll";
  }

  @Override
  public String title() {
    return CurvLr.title(signal) + " NLL";
  }

  @Override
  public String reference() {
    return ratio.reference();
  }

  @Override
  public String formula() {
    return "Σ_view nll(c; μ_out, σ²_out) − nll(c; μ_in, σ²_in), c = log " + CurvLr.name(signal);
  }

  @Override
  public Set<Mode> modes() {
    return ratio.modes();
  }

  @Override
  public Needs needs(Mode mode) {
    return ratio.needs(mode);
  }

  @Override
  public Guess guess(AttackInput input) {
    return input.mode() == Mode.PAPER
        ? PublishedRatio.negativeLogLikelihoods(input, Feature.publishedLog(signal))
        : ratio.guess(input);
  }
}
