package io.sagitta.attack.study;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Bootstrap;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How studies attack: the same attacks many times over, so without intervals of each. */
public final class Evaluations {
  /** One of each kind, by the names they have on the command line. */
  private static final Set<String> MAIN =
      Set.of(
          "curv-zo-lr", "lira", "joint", "rmia", "sablayrolles", "watson", "ye", "yeom");

  private Evaluations() {}

  /** The attacks that stand for their kinds, in the order of tables. */
  public static List<Attack> mainAttacks() {
    return Attacks.ALL.stream().filter(attack -> MAIN.contains(attack.id())).toList();
  }

  /** Those of these names. */
  public static List<Attack> attacks(List<String> ids) {
    return ids.isEmpty() ? mainAttacks() : ids.stream().map(Attacks::byId).toList();
  }

  /** Corrected arithmetic; what cannot be carried out is left out. */
  static AttackSettings corrected(List<Attack> attacks) {
    AttackSettings all = AttackSettings.of(EnumSet.of(Mode.CORRECTED));
    return new AttackSettings(
        all.modes(), attacks, true, all.shadows(), all.variance(), all.views(), new Bootstrap(0, 1),
        all.delta(), all.confidence());
  }
}
