package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** Whether there is what an evaluation and its attacks need. */
final class Requirements {
  private Requirements() {}

  /**
   * Refuses targets that cannot be evaluated.
   *
   * @throws IllegalArgumentException when one is out of range, named twice, or without members or
   *     non-members
   */
  static void checkTargets(ScoreSet scores, int[] targets) {
    if (targets.length == 0 || Arrays.stream(targets).distinct().count() != targets.length) {
      throw new IllegalArgumentException(
          "attack: expected distinct targets, got " + Arrays.toString(targets));
    }
    for (int target : targets) {
      if (target < 0 || target >= scores.models()) {
        throw new IllegalArgumentException(
            "attack: expected targets in 0.." + (scores.models() - 1) + ", got " + target);
      }
      long members =
          IntStream.range(0, scores.samples()).filter(s -> scores.member(target, s)).count();
      if (members == 0 || members == scores.samples()) {
        throw new IllegalArgumentException(
            "attack: expected members and non-members of target " + target + ", got " + members
                + " and " + (scores.samples() - members));
      }
    }
  }

  /** Which attack lacks what, such as {@code attack yeom (paper): target 3 has no loss}. */
  static Optional<String> missing(Attack attack, Mode mode, ShadowPool pool, int[] targets) {
    return missing(attack.needs(mode), pool, targets)
        .map(what -> "attack " + attack.id() + " (" + mode.id() + "): " + what);
  }

  private static Optional<String> missing(Attack.Needs needs, ShadowPool pool, int[] targets) {
    for (Signal signal : needs.signals()) {
      for (int target : targets) {
        if (!pool.scores().has(signal, target)) {
          return Optional.of("target " + target + " has no " + signal.tensorName());
        }
      }
      int[] shadows = pool.shadows(signal);
      if (needs.shadows() && !anySampleHas(pool.scores(), shadows, needs)) {
        return Optional.of(
            "expected a sample with shadow models"
                + (needs.inShadows() ? " trained on it" : "")
                + (needs.inShadows() && needs.outShadows() ? " and others" : "")
                + (needs.outShadows() ? " not trained on it" : "")
                + ", at least one of each, got none among " + shadows.length + " shadows with "
                + signal.tensorName());
      }
    }
    return Optional.empty();
  }

  private static boolean anySampleHas(ScoreSet scores, int[] shadows, Attack.Needs needs) {
    return IntStream.range(0, scores.samples())
        .anyMatch(s -> isServed(scores, shadows, s, needs.inShadows(), needs.outShadows()));
  }

  /** Whether a sample has a shadow trained on it, if that is needed, and one not, if that is. */
  static boolean isServed(ScoreSet scores, int[] shadows, int sample, boolean in, boolean out) {
    boolean anyIn = !in;
    boolean anyOut = !out;
    for (int shadow : shadows) {
      anyIn |= scores.member(shadow, sample);
      anyOut |= !scores.member(shadow, sample);
    }
    return anyIn && anyOut;
  }
}
