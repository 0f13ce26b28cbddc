package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * The likelihood ratio of input loss curvature. Training on a sample flattens the loss around it,
 * so {@code c = log curv} is modelled as one Gaussian a sample over the shadows that had it and one
 * over those that had not.
 *
 * <p>Paper, of zero-order curvature alone: {@code c = log(curv + 1e-22)} in {@link
 * PublishedRatio#likelihoodRatio}. Corrected: {@code c = log max(curv, least positive curvature of
 * any shadow)} in {@link GaussianRatio}; a negative estimate of a trace is no value. The exact
 * trace and Hutchinson's need the model's weights.
 */
final class CurvLr implements Attack {
  private final Signal signal;

  /**
   * @param signal one of the curvatures
   */
  CurvLr(Signal signal) {
    this.signal = signal;
  }

  @Override
  public String id() {
    return id(signal) + "-lr";
  }

  @Override
  public String title() {
    return title(signal) + " LR";
  }

  @Override
  public String reference() {
    return "Ravikumar, Soufleri, Roy: Curvature Clues, NeurIPS 2024";
  }

  @Override
  public String formula() {
    return "Σ_view log N(c; μ_in, σ²_in) − log N(c; μ_out, σ²_out), c = log " + name(signal);
  }

  @Override
  public Set<Mode> modes() {
    return modes(signal);
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(signal), true, true, true);
  }

  @Override
  public Guess guess(AttackInput input) {
    return input.mode() == Mode.PAPER
        ? PublishedRatio.likelihoodRatio(input, Feature.publishedLog(signal))
        : GaussianRatio.guess(input, input.logFeature(signal));
  }

  static String id(Signal signal) {
    return signal.tensorName().replace('_', '-');
  }

  static String title(Signal signal) {
    return signal == Signal.CURV_ZO ? "Curv ZO" : "Curv " + name(signal);
  }

  static Set<Mode> modes(Signal signal) {
    return signal == Signal.CURV_ZO ? Set.of(Mode.values()) : Set.of(Mode.CORRECTED);
  }

  static String name(Signal signal) {
    return switch (signal) {
      case CURV_ZO -> "zero-order curvature";
      case CURV_EXACT -> "exact trace";
      case CURV_TRACE -> "Hutchinson trace";
      default -> throw new IllegalArgumentException("expected a curvature, got " + signal);
    };
  }
}
