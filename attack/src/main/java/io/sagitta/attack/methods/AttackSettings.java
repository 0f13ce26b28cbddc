package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.EpsilonBound;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What an evaluation is asked for.
 *
 * @param modes in which arithmetic
 * @param attacks which attacks
 * @param optional whether an attack that cannot be carried out, for want of scores or shadows, is
 *     left out with a warning rather than refused
 * @param shadows at most how many shadows to use, the first ones
 * @param variance how corrected attacks estimate variances
 * @param bootstrap makes the intervals
 * @param delta the δ of the bounds on ε
 * @param confidence of the bounds on ε
 */
public record AttackSettings(
    Set<Mode> modes,
    List<Attack> attacks,
    boolean optional,
    int shadows,
    Variance variance,
    Bootstrap bootstrap,
    double delta,
    double confidence) {

  /** Takes copies. */
  public AttackSettings {
    if (modes.isEmpty() || attacks.isEmpty()) {
      throw new IllegalArgumentException("attack: expected at least one mode and attack, got none");
    }
    if (shadows < 0) {
      throw new IllegalArgumentException("attack: expected shadows >= 0, got " + shadows);
    }
    modes = EnumSet.copyOf(modes);
    attacks = List.copyOf(attacks);
  }

  /** Every attack that can be carried out, with all shadows, 1000 resamples from seed 0, δ = 0. */
  public static AttackSettings of(Set<Mode> modes) {
    return new AttackSettings(
        modes, Attacks.ALL, true, Integer.MAX_VALUE, Variance.AUTO,
        new Bootstrap(0, Bootstrap.DEFAULT_RESAMPLES), 0, EpsilonBound.DEFAULT_CONFIDENCE);
  }

  /** These attacks and no others; one that cannot be carried out is refused. */
  public AttackSettings withAttacks(List<Attack> asked) {
    return new AttackSettings(
        modes, asked, false, shadows, variance, bootstrap, delta, confidence);
  }

  /** At most the first so many shadows. */
  public AttackSettings withShadows(int most) {
    return new AttackSettings(
        modes, attacks, optional, most, variance, bootstrap, delta, confidence);
  }

  /** Another way to estimate variances. */
  public AttackSettings withVariance(Variance rule) {
    return new AttackSettings(
        modes, attacks, optional, shadows, rule, bootstrap, delta, confidence);
  }

  /** Other intervals. */
  public AttackSettings withBootstrap(Bootstrap other) {
    return new AttackSettings(
        modes, attacks, optional, shadows, variance, other, delta, confidence);
  }

  /** Another δ and confidence of the bounds on ε. */
  public AttackSettings withEpsilon(double otherDelta, double otherConfidence) {
    return new AttackSettings(
        modes, attacks, optional, shadows, variance, bootstrap, otherDelta, otherConfidence);
  }
}
