package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The attacks there are. */
public final class Attacks {
  /** Every attack, in the order of tables. */
  public static final List<Attack> ALL =
      List.of(
          new CurvNll(Signal.CURV_ZO),
          new CurvLr(Signal.CURV_ZO),
          new Lira(),
          new Yeom(),
          new Sablayrolles(),
          new Watson(),
          new Ye(),
          new Song(),
          new CurvNll(Signal.CURV_EXACT),
          new CurvLr(Signal.CURV_EXACT),
          new CurvNll(Signal.CURV_TRACE),
          new CurvLr(Signal.CURV_TRACE),
          new LiraOffline(false),
          new LiraOffline(true),
          new Rmia(false),
          new Rmia(true),
          new Bavaria(),
          new Joint());

  private Attacks() {}

  /**
   * The attack of this name.
   *
   * @throws IllegalArgumentException naming the attacks there are
   */
  public static Attack byId(String id) {
    return ALL.stream()
        .filter(attack -> attack.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "attack: expected one of "
                        + ALL.stream().map(Attack::id).collect(Collectors.joining(", "))
                        + ", got " + id));
  }

  /** Every signal that these attacks read in these modes. */
  public static Set<Signal> signals(Collection<Attack> attacks, Set<Mode> modes) {
    Set<Signal> signals = EnumSet.noneOf(Signal.class);
    for (Attack attack : attacks) {
      for (Mode mode : modes) {
        if (attack.modes().contains(mode)) {
          signals.addAll(attack.needs(mode).signals());
        }
      }
    }
    return signals;
  }
}
