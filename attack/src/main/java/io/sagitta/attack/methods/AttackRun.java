package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.metrics.Bootstrap.Redraws;
import io.sagitta.attack.metrics.ClassFigures;
import io.sagitta.attack.metrics.EpsilonBound;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Ranking;
import io.sagitta.attack.metrics.Reading;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.metrics.Spread;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The evaluation: every attack, in every mode asked for, against every target, the shadows being
 * all models that are neither a target nor the complement of one. Each target's own members stand
 * against its non-members.
 *
 * <p>A complement was trained on exactly what its target was not. As a shadow it would make the
 * number of shadows trained on a sample depend on the target's memberships, and with it all that
 * gets surer with more shadows: attacks would tell members of models that leak nothing.
 */
public final class AttackRun {
  private final ScoreSet scores;
  private final int[] targets;
  private final AttackSettings settings;
  private final int[] complements;
  private final int[] shadows;
  private final ShadowPool pool;
  private final long[] labels;
  private final Runnable stopCheck;

  /** An attack in a mode. */
  private record Row(Attack attack, Mode mode) {}

  /** A row's answer for a target, before its intervals. */
  private record Answer(Row row, Guess guess, Roc roc, Reading reading) {}

  private AttackRun(
      ScoreSet scores, int[] targets, AttackSettings settings, Runnable stopCheck) {
    this.stopCheck = stopCheck;
    this.scores = scores;
    this.targets = targets.clone();
    this.settings = settings;
    int[] others =
        IntStream.range(0, scores.models())
            .filter(model -> Arrays.stream(targets).noneMatch(target -> target == model))
            .toArray();
    this.complements =
        Arrays.stream(others)
            .filter(model -> Arrays.stream(targets).anyMatch(t -> areComplements(scores, model, t)))
            .toArray();
    this.shadows =
        Arrays.stream(others)
            .filter(model -> Arrays.binarySearch(complements, model) < 0)
            .limit(settings.shadows())
            .toArray();
    this.pool = new ShadowPool(scores, shadows);
    this.labels = IntStream.range(0, scores.samples()).mapToLong(scores::label).toArray();
  }

  private static boolean areComplements(ScoreSet scores, int model, int target) {
    return IntStream.range(0, scores.samples())
        .allMatch(s -> scores.member(model, s) != scores.member(target, s));
  }

  /** As {@link AttackSettings#of} asks. */
  public static AttackResults evaluate(ScoreSet scores, int[] targets, Set<Mode> modes) {
    return evaluate(scores, targets, AttackSettings.of(modes));
  }

  /** With nobody who could want to stop it. */
  public static AttackResults evaluate(ScoreSet scores, int[] targets, AttackSettings settings) {
    return evaluate(scores, targets, settings, () -> {});
  }

  /**
   * Evaluates.
   *
   * @param targets indices of the models attacked
   * @param stopCheck called before each attack and redraw, by several threads; what it throws ends
   *     the evaluation
   * @throws IllegalArgumentException when a target is out of range, named twice, without members
   *     or non-members, or when an attack that is not optional, or every attack, lacks a signal,
   *     shadows or a mode
   */
  public static AttackResults evaluate(
      ScoreSet scores, int[] targets, AttackSettings settings, Runnable stopCheck) {
    Requirements.checkTargets(scores, targets);
    return new AttackRun(scores, targets, settings, stopCheck).evaluate();
  }

  private AttackResults evaluate() {
    List<String> leftOut = new ArrayList<>();
    List<Row> rows = rows(leftOut);
    if (!leftOut.isEmpty() && (!settings.optional() || rows.isEmpty())) {
      throw new IllegalArgumentException(leftOut.get(0));
    }
    List<List<AttackResult>> byTarget =
        Arrays.stream(targets).mapToObj(target -> attack(rows, target)).toList();
    List<AttackResult> results = new ArrayList<>();
    List<AttackSummary> summaries = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      int r = row;
      List<AttackResult> ofRow = byTarget.stream().map(ofTarget -> ofTarget.get(r)).toList();
      results.addAll(ofRow);
      summaries.add(summarise(rows.get(row), ofRow));
    }
    return new AttackResults(
        scores.models(),
        (int) Arrays.stream(shadows).filter(this::hasScores).count(),
        scores.samples(),
        scores.views(),
        scores,
        List.copyOf(results),
        List.copyOf(summaries),
        distributions(),
        residuals(),
        new Warnings(pool, targets, shadows, complements).of(results, leftOut));
  }

  /** What can be carried out of what is asked, and why not the rest. */
  private List<Row> rows(List<String> leftOut) {
    List<Row> rows = new ArrayList<>();
    for (Mode mode : settings.modes()) {
      for (Attack attack : settings.attacks()) {
        if (attack.modes().contains(mode)) {
          Requirements.missing(attack, mode, pool, targets)
              .ifPresentOrElse(leftOut::add, () -> rows.add(new Row(attack, mode)));
        }
      }
    }
    for (Attack attack : settings.attacks()) {
      if (settings.modes().stream().noneMatch(attack.modes()::contains)) {
        String modes = String.join(", ", settings.modes().stream().map(Mode::id).toList());
        leftOut.add("attack " + attack.id() + ": there is no such attack in mode " + modes);
      }
    }
    return rows;
  }

  private List<AttackResult> attack(List<Row> rows, int target) {
    boolean[] members = new boolean[scores.samples()];
    for (int s = 0; s < members.length; s++) {
      members[s] = scores.member(target, s);
    }
    List<Answer> answers = rows.stream().map(row -> answer(row, target, members)).toList();
    List<Redraws> redraws =
        settings.bootstrap()
            .redraw(
                members,
                answers.stream()
                    .map(a -> new Ranking(members, a.guess().scores(), a.roc(), a.reading()))
                    .toList(),
                stopCheck);
    List<AttackResult> results = new ArrayList<>();
    for (int a = 0; a < answers.size(); a++) {
      Gap gap = gap(answers, redraws, a);
      results.add(result(answers.get(a), target, members, redraws.get(a), gap));
    }
    return results;
  }

  /** Of the first of the strongest attacks in the answer's mode. */
  private static Gap gap(List<Answer> answers, List<Redraws> redraws, int answer) {
    int best = answer;
    for (int a = 0; a < answers.size(); a++) {
      if (answers.get(a).row().mode() == answers.get(answer).row().mode()
          && answers.get(a).roc().auroc() > answers.get(best).roc().auroc()) {
        best = a;
      }
    }
    double[] interval = redraws.get(best).exceeds(redraws.get(answer), Figures::auroc);
    return new Gap(
        answers.get(best).row().attack(),
        answers.get(best).roc().auroc() - answers.get(answer).roc().auroc(),
        interval[0],
        interval[1]);
  }

  private Answer answer(Row row, int target, boolean[] members) {
    stopCheck.run();
    AttackInput input = new AttackInput(pool, target, row.mode(), settings);
    Guess guess = row.attack().guess(input);
    if (!Roc.hasBothKinds(guess.scores(), members)) {
      throw new IllegalArgumentException(
          "attack " + row.attack().id() + " (" + row.mode().id() + "): expected scores of members"
              + " and non-members of target " + target + ", got none of one kind that are numbers");
    }
    Roc roc = Roc.of(guess.scores(), members);
    Reading reading = row.mode() == Mode.PAPER ? Reading.PUBLISHED : Reading.EXACT;
    if (row.attack().thresholdsByClass(row.mode())) {
      double[] thresholds = ClassFigures.equalErrorThresholds(labels, members, guess.scores());
      reading = thresholds.length == 0 ? reading : Reading.publishedAt(roc, thresholds);
    }
    return new Answer(row, guess, roc, reading);
  }

  private AttackResult result(
      Answer answer, int target, boolean[] members, Redraws redraws, Gap gap) {
    Roc roc = answer.roc();
    return new AttackResult(
        answer.row().attack(),
        answer.row().mode(),
        target,
        (int) (scores.samples() - roc.members() - roc.nonmembers()),
        answer.guess().imputed(),
        roc,
        answer.reading().of(roc),
        redraws.interval(),
        gap,
        answer.guess().scores(),
        ClassFigures.of(labels, members, answer.guess().scores()),
        EpsilonBound.of(roc, settings.delta(), settings.confidence()));
  }

  private static AttackSummary summarise(Row row, List<AttackResult> ofTargets) {
    Map<String, Spread> figures = new LinkedHashMap<>();
    for (Figures.Column column : Figures.COLUMNS) {
      double[] values =
          ofTargets.stream().mapToDouble(r -> column.value().applyAsDouble(r.figures())).toArray();
      figures.put(
          column.name(),
          row.mode() == Mode.PAPER ? Spread.population(values) : Spread.sample(values));
    }
    return new AttackSummary(row.attack(), row.mode(), ofTargets.size(), figures);
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
    return Stream.of(Signal.CURV_ZO, Signal.CURV_EXACT, Signal.CURV_TRACE, Signal.LOGIT)
        .filter(signal -> pool.shadows(signal).length > 0)
        .map(signal -> signal == Signal.LOGIT ? Feature.raw(signal) : pool.logFeature(signal))
        .map(feature -> Residuals.of(pool, feature))
        .toList();
  }

  private boolean hasScores(int model) {
    return scores.signals().stream().anyMatch(signal -> scores.has(signal, model));
  }
}
