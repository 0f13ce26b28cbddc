package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The evaluation: every attack, in every mode asked for, against every target, the shadows being
 * all models that are no target. Each target's own members stand against its non-members.
 */
public final class AttackRun {
  private final ScoreSet scores;
  private final int[] targets;
  private final ShadowPool pool;
  private final Bootstrap bootstrap;

  private AttackRun(ScoreSet scores, int[] targets, Bootstrap bootstrap) {
    this.scores = scores;
    this.targets = targets;
    this.bootstrap = bootstrap;
    this.pool = new ShadowPool(scores, shadows(scores, targets));
  }

  /** Every attack there is, 1000 resamples from seed 0. */
  public static AttackResults evaluate(ScoreSet scores, int[] targets, Set<Mode> modes) {
    return evaluate(
        scores, targets, modes, Attacks.ALL, new Bootstrap(0, Bootstrap.DEFAULT_RESAMPLES));
  }

  /**
   * Evaluates.
   *
   * @param targets indices of the models attacked
   * @param bootstrap makes the intervals
   * @throws IllegalArgumentException when a target is out of range, named twice, without scores,
   *     members or non-members, or when an attack lacks a signal or shadows
   */
  public static AttackResults evaluate(
      ScoreSet scores, int[] targets, Set<Mode> modes, List<Attack> attacks, Bootstrap bootstrap) {
    if (modes.isEmpty() || attacks.isEmpty()) {
      throw new IllegalArgumentException("attack: expected at least one mode and attack, got none");
    }
    checkTargets(scores, targets);
    AttackRun run = new AttackRun(scores, targets, bootstrap);
    List<AttackResult> results = new ArrayList<>();
    List<AttackSummary> summaries = new ArrayList<>();
    for (Mode mode : EnumSet.copyOf(modes)) {
      for (Attack attack : attacks) {
        run.checkNeeds(attack, mode);
        List<AttackResult> ofTargets =
            Arrays.stream(targets).mapToObj(target -> run.attack(attack, mode, target)).toList();
        results.addAll(ofTargets);
        summaries.add(summarise(attack, mode, ofTargets));
      }
    }
    int shadows = run.scoredShadows();
    return new AttackResults(
        scores.models(),
        shadows,
        scores.samples(),
        scores.views(),
        List.copyOf(results),
        List.copyOf(summaries),
        run.distributions(),
        Warnings.of(scores, targets, shadows, results));
  }

  private AttackResult attack(Attack attack, Mode mode, int target) {
    Guess guess = attack.guess(new AttackInput(pool, target, mode));
    double[] in = new double[scores.samples()];
    double[] out = new double[scores.samples()];
    int members = 0;
    int nonmembers = 0;
    for (int s = 0; s < scores.samples(); s++) {
      double score = guess.scores()[s];
      if (Double.isNaN(score)) {
        continue;
      }
      if (scores.member(target, s)) {
        in[members++] = score;
      } else {
        out[nonmembers++] = score;
      }
    }
    if (members == 0 || nonmembers == 0) {
      throw new IllegalArgumentException(
          "attack " + attack.id() + " (" + mode.id() + "): expected scores of members and"
              + " non-members of target " + target + ", got " + members + " and " + nonmembers
              + " that are numbers");
    }
    Roc roc = Roc.of(Arrays.copyOf(in, members), Arrays.copyOf(out, nonmembers));
    Function<Roc, Figures> read = mode == Mode.PAPER ? Figures::published : Figures::exact;
    return new AttackResult(
        attack, mode, target, scores.samples() - members - nonmembers, guess.imputed(), roc,
        read.apply(roc), bootstrap.interval(roc, read));
  }

  private static AttackSummary summarise(Attack attack, Mode mode, List<AttackResult> ofTargets) {
    Map<String, Spread> figures = new LinkedHashMap<>();
    for (Figures.Column column : Figures.COLUMNS) {
      double[] values =
          ofTargets.stream().mapToDouble(r -> column.value().applyAsDouble(r.figures())).toArray();
      figures.put(
          column.name(), mode == Mode.PAPER ? Spread.population(values) : Spread.sample(values));
    }
    return new AttackSummary(attack, mode, ofTargets.size(), figures);
  }

  private List<Distribution> distributions() {
    List<Distribution> distributions = new ArrayList<>();
    for (int target : targets) {
      for (Signal signal : List.of(Signal.CURV_ZO, Signal.LOSS)) {
        if (scores.has(signal, target)) {
          distributions.add(Distribution.of(scores, signal, target));
        }
      }
    }
    return List.copyOf(distributions);
  }

  private int scoredShadows() {
    return (int)
        Arrays.stream(shadows(scores, targets))
            .filter(shadow -> scores.signals().stream().anyMatch(s -> scores.has(s, shadow)))
            .count();
  }

  private static int[] shadows(ScoreSet scores, int[] targets) {
    return IntStream.range(0, scores.models())
        .filter(model -> Arrays.stream(targets).noneMatch(target -> target == model))
        .toArray();
  }

  private static void checkTargets(ScoreSet scores, int[] targets) {
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

  private void checkNeeds(Attack attack, Mode mode) {
    Attack.Needs needs = attack.needs(mode);
    for (Signal signal : needs.signals()) {
      for (int target : targets) {
        if (!scores.has(signal, target)) {
          throw new IllegalArgumentException(
              "attack " + attack.id() + " (" + mode.id() + "): target " + target + " has no "
                  + signal.tensorName());
        }
      }
      int[] shadows = pool.shadows(signal);
      if (needs.shadows() && !anySampleHas(shadows, needs)) {
        throw new IllegalArgumentException(
            "attack " + attack.id() + " (" + mode.id() + "): expected a sample with shadow models"
                + (needs.inShadows() ? " trained on it" : "")
                + (needs.inShadows() && needs.outShadows() ? " and others" : "")
                + (needs.outShadows() ? " not trained on it" : "")
                + ", got none among " + shadows.length + " shadows with " + signal.tensorName());
      }
    }
  }

  private boolean anySampleHas(int[] shadows, Attack.Needs needs) {
    return IntStream.range(0, scores.samples())
        .anyMatch(
            s -> {
              long in = Arrays.stream(shadows).filter(shadow -> scores.member(shadow, s)).count();
              return (!needs.inShadows() || in > 0)
                  && (!needs.outShadows() || in < shadows.length);
            });
  }
}
