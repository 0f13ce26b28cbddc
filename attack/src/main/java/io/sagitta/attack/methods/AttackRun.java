package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.metrics.ClassFigures;
import io.sagitta.attack.metrics.EpsilonBound;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final AttackSettings settings;
  private final ShadowPool pool;
  private final boolean[][] members;
  private final long[] labels;

  private AttackRun(ScoreSet scores, int[] targets, AttackSettings settings) {
    this.scores = scores;
    this.targets = targets.clone();
    this.settings = settings;
    this.pool = new ShadowPool(scores, shadows());
    this.members = new boolean[scores.models()][];
    for (int target : targets) {
      members[target] = new boolean[scores.samples()];
      for (int s = 0; s < scores.samples(); s++) {
        members[target][s] = scores.member(target, s);
      }
    }
    this.labels = IntStream.range(0, scores.samples()).mapToLong(scores::label).toArray();
  }

  /** As {@link AttackSettings#of} asks. */
  public static AttackResults evaluate(ScoreSet scores, int[] targets, Set<Mode> modes) {
    return evaluate(scores, targets, AttackSettings.of(modes));
  }

  /**
   * Evaluates.
   *
   * @param targets indices of the models attacked
   * @throws IllegalArgumentException when a target is out of range, named twice, without members
   *     or non-members, or when an attack that is not optional, or every attack, lacks a signal or
   *     shadows
   */
  public static AttackResults evaluate(ScoreSet scores, int[] targets, AttackSettings settings) {
    Requirements.checkTargets(scores, targets);
    return new AttackRun(scores, targets, settings).evaluate();
  }

  private AttackResults evaluate() {
    List<AttackResult> results = new ArrayList<>();
    List<AttackSummary> summaries = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (Mode mode : settings.modes()) {
      for (Attack attack : settings.attacks()) {
        Optional<String> missing = Requirements.missing(attack, mode, pool, targets);
        if (missing.isPresent()) {
          leftOut.add("attack " + attack.id() + " (" + mode.id() + "): " + missing.get());
        } else {
          List<AttackResult> ofTargets =
              Arrays.stream(targets).mapToObj(target -> attack(attack, mode, target)).toList();
          results.addAll(ofTargets);
          summaries.add(summarise(attack, mode, ofTargets));
        }
      }
    }
    if (!leftOut.isEmpty() && (!settings.optional() || results.isEmpty())) {
      throw new IllegalArgumentException(leftOut.get(0));
    }
    return new AttackResults(
        scores.models(),
        scoredShadows(),
        scores.samples(),
        scores.views(),
        scores,
        List.copyOf(results),
        List.copyOf(summaries),
        distributions(),
        residuals(),
        Warnings.of(scores, targets, scoredShadows(), results, leftOut));
  }

  private AttackResult attack(Attack attack, Mode mode, int target) {
    Guess guess = attack.guess(new AttackInput(pool, target, mode));
    double[] in = new double[scores.samples()];
    double[] out = new double[scores.samples()];
    int ins = 0;
    int outs = 0;
    for (int s = 0; s < scores.samples(); s++) {
      double score = guess.scores()[s];
      if (Double.isNaN(score)) {
        continue;
      }
      if (scores.member(target, s)) {
        in[ins++] = score;
      } else {
        out[outs++] = score;
      }
    }
    if (ins == 0 || outs == 0) {
      throw new IllegalArgumentException(
          "attack " + attack.id() + " (" + mode.id() + "): expected scores of members and"
              + " non-members of target " + target + ", got " + ins + " and " + outs
              + " that are numbers");
    }
    Roc roc = Roc.of(Arrays.copyOf(in, ins), Arrays.copyOf(out, outs));
    Function<Roc, Figures> read = mode == Mode.PAPER ? Figures::published : Figures::exact;
    return new AttackResult(
        attack, mode, target, scores.samples() - ins - outs, guess.imputed(), roc,
        read.apply(roc), settings.bootstrap().interval(roc, read), guess.scores(),
        ClassFigures.of(labels, members[target], guess.scores()),
        EpsilonBound.of(roc, settings.delta(), settings.confidence()));
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

  private List<Residuals> residuals() {
    List<Residuals> residuals = new ArrayList<>();
    for (Signal signal :
        List.of(Signal.CURV_ZO, Signal.CURV_EXACT, Signal.CURV_TRACE, Signal.LOGIT)) {
      if (pool.shadows(signal).length > 0) {
        Feature feature =
            signal == Signal.LOGIT
                ? Feature.raw(signal)
                : Feature.log(signal, pool.leastPositive(signal));
        residuals.add(Residuals.of(pool, feature));
      }
    }
    return List.copyOf(residuals);
  }

  private int scoredShadows() {
    return (int)
        Arrays.stream(shadows())
            .filter(shadow -> scores.signals().stream().anyMatch(s -> scores.has(s, shadow)))
            .count();
  }

  /** Every model that is no target, up to the number asked for. */
  private int[] shadows() {
    return IntStream.range(0, scores.models())
        .filter(model -> Arrays.stream(targets).noneMatch(target -> target == model))
        .limit(settings.shadows())
        .toArray();
  }
}
