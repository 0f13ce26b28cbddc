package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/**
 * {@code −(loss − μ_out)}: the loss against what models not trained on the sample have, so that an
 * easy sample does not pass for a member. Paper: of the flipped image. Corrected: of the image as
 * it is.
 */
final class Watson implements Attack {
  private static final Feature LOSS = Feature.raw(Signal.LOSS);

  @Override
  public String id() {
    return "watson";
  }

  @Override
  public String title() {
    return "Watson et al.";
  }

  @Override
  public String reference() {
    return "Watson, Guo, Cormode, Sablayrolles: On the Importance of Difficulty Calibration in"
        + " Membership Inference Attacks, ICLR 2022";
  }

  @Override
  public String formula() {
    return "−(loss − μ_out)";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOSS), false, true, false);
  }

  @Override
  public Guess guess(AttackInput input) {
    int view = input.singleView();
    double[] loss = input.target(LOSS, view);
    for (int s = 0; s < loss.length; s++) {
      loss[s] = -(loss[s] - input.shadows(LOSS).out().mean(view, s));
    }
    return new Guess(loss, 0);
  }
}
