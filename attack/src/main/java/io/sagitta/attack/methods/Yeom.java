package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Set;

/**
 * {@code −loss}: what was trained on is fitted better. It needs no shadow models, and cannot tell
 * an easy sample from a member. Paper: of the flipped image. Corrected: of the image as it is.
 */
final class Yeom implements Attack {
  @Override
  public String id() {
    return "yeom";
  }

  @Override
  public String title() {
    return "Yeom et al.";
  }

  @Override
  public String reference() {
    return "Yeom, Giacomelli, Fredrikson, Jha: Privacy Risk in Machine Learning, CSF 2018";
  }

  @Override
  public String formula() {
    return "−loss";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOSS), false, false, false);
  }

  @Override
  public Guess guess(AttackInput input) {
    double[] losses = input.target(Feature.raw(Signal.LOSS), input.singleView());
    return new Guess(Arrays.stream(losses).map(loss -> -loss).toArray(), 0);
  }
}
