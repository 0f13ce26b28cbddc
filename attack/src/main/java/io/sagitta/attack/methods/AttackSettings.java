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
 * @param views which views count in corrected attacks that read several
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
    Views views,
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
        modes, Attacks.ALL, true, Integer.MAX_VALUE, Variance.SHRUNK, Views.AUTO,
        new Bootstrap(0, Bootstrap.DEFAULT_RESAMPLES), 0, EpsilonBound.DEFAULT_CONFIDENCE);
  }

  /** These attacks and no others; one that cannot be carried out is refused. */
  public AttackSettings withAttacks(List<Attack> asked) {
    return new AttackSettings(
        modes, asked, false, shadows, variance, views, bootstrap, delta, confidence);
  }

  /** At most the first so many shadows. */
  public AttackSettings withShadows(int most) {
    return new AttackSettings(
        modes, attacks, optional, most, variance, views, bootstrap, delta, confidence);
  }

  /** Another way to estimate variances. */
  public AttackSettings withVariance(Variance rule) {
    return new AttackSettings(
        modes, attacks, optional, shadows, rule, views, bootstrap, delta, confidence);
  }

  /** Another choice of views. */
  public AttackSettings withViews(Views rule) {
    return new AttackSettings(
        modes, attacks, optional, shadows, variance, rule, bootstrap, delta, confidence);
  }

  /** Other intervals. */
  public AttackSettings withBootstrap(Bootstrap other) {
    return new AttackSettings(
        modes, attacks, optional, shadows, variance, views, other, delta, confidence);
  }

  /** Another δ and confidence of the bounds on ε. */
  public AttackSettings withEpsilon(double otherDelta, double otherConfidence) {
    return new AttackSettings(
        modes, attacks, optional, shadows, variance, views, bootstrap, otherDelta,
        otherConfidence);
  }
}
