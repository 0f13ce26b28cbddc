package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * The likelihood ratio of the scaled confidence {@code log p − log(1 − p)}, nearly Gaussian over
 * models.
 *
 * <p>Paper: of the largest probability, {@code log(p / (1 − p + 1e-22) + 1e-22)}, in {@link
 * PublishedRatio#likelihoodRatio}. Corrected, and as LiRA was described: of the true class's, as
 * the difference of log-sum-exps that the logit signal holds, in {@link GaussianRatio}.
 */
final class Lira implements Attack {
  @Override
  public String id() {
    return "lira";
  }

  @Override
  public String title() {
    return "LiRA";
  }

  @Override
  public String reference() {
    return "Carlini, Chien, Nasr, Song, Terzis, Tramèr: Membership Inference Attacks From First"
        + " Principles, IEEE S&P 2022";
  }

  @Override
  public String formula() {
    return "Σ_view log N(logit; μ_in, σ²_in) − log N(logit; μ_out, σ²_out)";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(mode == Mode.PAPER ? Signal.PROB_MAX : Signal.LOGIT), true, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    return input.mode() == Mode.PAPER
        ? PublishedRatio.likelihoodRatio(input, Feature.publishedLogit(Signal.PROB_MAX))
        : GaussianRatio.guess(input, Feature.raw(Signal.LOGIT));
  }
}
