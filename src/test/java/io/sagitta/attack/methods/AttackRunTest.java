package io.sagitta.attack.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The evaluation: what it refuses, what it counts, and that attacks find what is there. */
class AttackRunTest {
  private static final Set<Mode> BOTH = EnumSet.allOf(Mode.class);
  private static final Bootstrap FEW = new Bootstrap(0, 10);

  private static final List<Attack> FOUR =
      Stream.of("curv-zo-lr", "curv-zo-nll", "lira", "yeom").map(Attacks::byId).toList();

  private static AttackResults run(ScoreSet scores, int... targets) {
    return AttackRun.evaluate(
        scores, targets, AttackSettings.of(BOTH).withAttacks(FOUR).withBootstrap(FEW));
  }

  private static AttackResult of(AttackResults results, String attack, Mode mode) {
    return results.results().stream()
        .filter(r -> r.attack().id().equals(attack) && r.mode() == mode)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyAttackFindsMembersAndCorrectedLiraIsTheStrongest() {
    AttackResults results = run(SyntheticScores.make(1, 17, 800), 16);
    assertThat(results.results()).hasSize(8);
    assertThat(results.shadows()).isEqualTo(16);
    for (AttackResult result : results.results()) {
      double auroc = result.figures().auroc();
      assertThat(auroc).as(result.attack().id() + " " + result.mode()).isGreaterThan(0.6);
      assertThat(result.interval().low().auroc()).isLessThanOrEqualTo(auroc);
      assertThat(result.interval().high().auroc()).isGreaterThanOrEqualTo(auroc);
      assertThat(result.gap().auroc()).isBetween(0.0, 0.5);
      assertThat(result.gap().low()).isLessThanOrEqualTo(result.gap().auroc());
      assertThat(result.gap().high()).isGreaterThanOrEqualTo(result.gap().auroc());
    }
    assertThat(of(results, "lira", Mode.CORRECTED).gap().auroc()).isZero();
    assertThat(of(results, "yeom", Mode.CORRECTED).gap().strongest().id()).isEqualTo("lira");
    assertThat(of(results, "yeom", Mode.CORRECTED).gap().low()).isPositive();
    double lira = of(results, "lira", Mode.CORRECTED).figures().auroc();
    assertThat(results.results()).allMatch(r -> r.figures().auroc() <= lira);
    assertThat(lira).isGreaterThan(of(results, "lira", Mode.PAPER).figures().auroc() + 0.03);
    assertThat(results.distributions().get(0).memberMedian())
        .isLessThan(results.distributions().get(0).nonmemberMedian());
  }

  @Test
  void withoutMembershipInTheScoresNothingIsFound() {
    ScoreSet scores = SyntheticScores.make(2, 17, 2000);
    boolean[][] shuffled = new boolean[17][2000];
    for (int m = 0; m < 17; m++) {
      for (int s = 0; s < 2000; s++) {
        shuffled[m][s] = scores.member((m + 5) % 17, (s + 999) % 2000);
      }
    }
    AttackResults results = run(copy(scores, shuffled), 16);
    for (AttackResult result : results.results()) {
      assertThat(result.figures().auroc())
          .as(result.attack().id() + " " + result.mode())
          .isCloseTo(0.5, within(0.05));
    }
  }

  /** With five shadows of which one is the complement, BaVarIA was at 44 % and joint at 55 %. */
  @Test
  void theComplementOfATargetIsNoShadow() {
    ScoreSet scores = SyntheticScores.make(16, 6, 5000);
    ScoreSet blind = copy(scores, memberships(SyntheticScores.make(17, 6, 5000)));
    AttackSettings settings = AttackSettings.of(BOTH).withBootstrap(FEW);
    AttackResults results = AttackRun.evaluate(blind, new int[] {5}, settings);
    assertThat(results.shadows()).isEqualTo(4);
    for (AttackResult result : results.results()) {
      assertThat(result.figures().auroc())
          .as(result.attack().id() + " " + result.mode())
          .isCloseTo(0.5, within(0.03));
    }
    assertThat(results.warnings())
        .anyMatch(w -> w.startsWith("Model 4 is no shadow: it was trained on exactly"))
        .noneMatch(w -> w.startsWith("How many shadow models"));
  }

  @Test
  void numbersOfShadowsThatTellTheTargetsMembersAreTold() {
    ScoreSet scores = SyntheticScores.make(18, 7, 300);
    boolean[][] members = memberships(scores);
    for (int s = 0; s < 300; s++) {
      // Every sample has three of the seven models, and no model is another's complement.
      for (int m = 0; m < 7; m++) {
        members[m][s] = ((1 + s / 7 % 6) * m + s) % 7 < 3;
      }
    }
    assertThat(run(copy(scores, members), 6).warnings())
        .anyMatch(w -> w.matches("How many shadow models .* whether target 6 was \\(AUROC 100.*"));
    assertThat(run(scores, 6).warnings()).noneMatch(w -> w.startsWith("How many shadow models"));
  }

  @Test
  void aStopIsHeardBeforeEachAttackAndRedraw() {
    ScoreSet scores = SyntheticScores.make(19, 7, 60);
    int[] targets = {5, 6};
    AttackSettings settings = AttackSettings.of(BOTH).withBootstrap(new Bootstrap(0, 30));
    AtomicInteger checks = new AtomicInteger();
    int rows =
        AttackRun.evaluate(scores, targets, settings, checks::incrementAndGet).summaries().size();
    assertThat(checks).hasValue(2 * (rows + 30));
    for (int last : new int[] {1, rows, rows + 10, 2 * (rows + 30)}) {
      AtomicInteger left = new AtomicInteger(last);
      assertThatThrownBy(
              () ->
                  AttackRun.evaluate(
                      scores, targets, settings,
                      () -> {
                        if (left.decrementAndGet() <= 0) {
                          throw new StoppedException("enough");
                        }
                      }))
          .isInstanceOf(StoppedException.class);
    }
  }

  @Test
  void yeomUsesTheFlippedImageInPaperModeOnly() {
    ScoreSet scores = SyntheticScores.make(3, 4, 50);
    Attack yeom = Attacks.byId("yeom");
    ShadowPool pool = new ShadowPool(scores, new int[] {0, 1});
    AttackSettings settings = AttackSettings.of(BOTH);
    double[] image = scores.values(Signal.LOSS, 3, 0);
    double[] flipped = scores.values(Signal.LOSS, 3, 1);
    assertThat(yeom.guess(new AttackInput(pool, 3, Mode.CORRECTED, settings)).scores())
        .containsExactly(Arrays.stream(image).map(loss -> -loss).toArray());
    assertThat(yeom.guess(new AttackInput(pool, 3, Mode.PAPER, settings)).scores())
        .containsExactly(Arrays.stream(flipped).map(loss -> -loss).toArray());
  }

  @Test
  void valuesThatAreNotNumbersAreLeftOutAndCounted() {
    ScoreSet scores = SyntheticScores.make(4, 9, 200);
    double[] loss = views(scores, Signal.LOSS, 8);
    double[] logit = views(scores, Signal.LOGIT, 8);
    loss[5] = Double.NaN;
    logit[6] = Double.NaN;
    logit[7] = Double.POSITIVE_INFINITY;
    logit[200 + 7] = Double.NaN;
    scores.put(Signal.LOSS, 8, loss);
    scores.put(Signal.LOGIT, 8, logit);
    double[] shadow = views(scores, Signal.LOGIT, 0);
    Arrays.fill(shadow, Double.NaN);
    scores.put(Signal.LOGIT, 0, shadow);

    AttackResults results = run(scores, 8);
    AttackResult yeom = of(results, "yeom", Mode.CORRECTED);
    assertThat(yeom.unscored()).isEqualTo(1);
    assertThat(yeom.roc().members() + yeom.roc().nonmembers()).isEqualTo(199);
    assertThat(of(results, "yeom", Mode.PAPER).unscored()).isZero();
    // Sample 6 still has its second view; sample 7 has none.
    AttackResult lira = of(results, "lira", Mode.CORRECTED);
    assertThat(lira.unscored()).isEqualTo(1);
    assertThat(lira.figures().auroc()).isGreaterThan(0.7);
    assertThat(results.warnings())
        .anyMatch(w -> w.contains("LiRA (corrected, target 8) could not score 1 of 200"));
  }

  @Test
  void samplesWithoutAShadowOnOneSideAreImputedOrLeftOut() {
    ScoreSet scores = SyntheticScores.make(5, 9, 100);
    boolean[][] members = memberships(scores);
    for (int m = 0; m < 8; m++) {
      members[m][10] = true;
      members[m][11] = false;
    }
    AttackResults results = run(copy(scores, members), 8);
    assertThat(of(results, "lira", Mode.CORRECTED).imputed()).isEqualTo(2);
    assertThat(of(results, "lira", Mode.CORRECTED).unscored()).isZero();
    assertThat(of(results, "lira", Mode.PAPER).unscored()).isEqualTo(2);
    assertThat(results.warnings()).anyMatch(w -> w.contains("scored 2 samples"));
  }

  @Test
  void oneShadowASideAndConstantScoresStayFinite() {
    AttackResults two = run(SyntheticScores.make(6, 3, 300), 2);
    assertThat(of(two, "lira", Mode.CORRECTED).unscored()).isZero();
    assertThat(of(two, "lira", Mode.CORRECTED).figures().auroc()).isGreaterThan(0.6);

    ScoreSet scores = SyntheticScores.make(6, 5, 60);
    for (int m = 0; m < 5; m++) {
      for (Signal signal : List.of(Signal.LOGIT, Signal.CURV_ZO)) {
        scores.put(signal, m, new double[120]);
      }
    }
    AttackResults constant = run(scores, 4);
    assertThat(of(constant, "lira", Mode.CORRECTED).figures().auroc()).isEqualTo(0.5);
    assertThat(of(constant, "curv-zo-lr", Mode.CORRECTED).unscored()).isZero();
  }

  @Test
  void summariesAreOverTargets() {
    AttackResults results = run(SyntheticScores.make(7, 12, 120), 9, 10, 11);
    assertThat(results.results()).hasSize(24);
    for (AttackSummary summary : results.summaries()) {
      double[] aurocs =
          results.results().stream()
              .filter(r -> r.attack() == summary.attack() && r.mode() == summary.mode())
              .mapToDouble(r -> r.figures().auroc())
              .toArray();
      assertThat(aurocs).hasSize(3);
      double mean = Arrays.stream(aurocs).average().orElseThrow();
      double squares = Arrays.stream(aurocs).map(a -> (a - mean) * (a - mean)).sum();
      assertThat(summary.figures().get("auroc").mean()).isCloseTo(mean, within(1e-15));
      assertThat(summary.figures().get("auroc").deviation())
          .isCloseTo(Math.sqrt(squares / (summary.mode() == Mode.PAPER ? 3 : 2)), within(1e-15));
    }
  }

  @Test
  void warningsSayWhatStandsBehindTheFigures() {
    ScoreSet full = SyntheticScores.make(8, 7, 100);
    ScoreSet scores = new ScoreSet(memberships(full), new long[100], List.of("identity"));
    for (int m = 0; m < 7; m++) {
      for (Signal signal : full.signals()) {
        if (m != 2) {
          scores.put(signal, m, full.values(signal, m, 0));
        }
      }
    }
    AttackResults results = run(scores, 6);
    assertThat(results.shadows()).isEqualTo(5);
    assertThat(results.warnings())
        .anyMatch(w -> w.contains("1 of 6 shadow models have no scores"))
        .anyMatch(w -> w.contains("too few non-members"))
        .anyMatch(w -> w.contains("no view named flip"));
  }

  @Test
  void whatCannotBeAttackedIsRefused() {
    ScoreSet scores = SyntheticScores.make(9, 4, 20);
    assertThatThrownBy(() -> run(scores, 4)).hasMessageContaining("targets in 0..3, got 4");
    assertThatThrownBy(() -> run(scores, -1)).hasMessageContaining("got -1");
    assertThatThrownBy(() -> run(scores, 1, 1)).hasMessageContaining("distinct targets");
    assertThatThrownBy(() -> run(scores)).hasMessageContaining("distinct targets, got []");
    assertThatThrownBy(() -> run(scores, 0, 1, 2, 3))
        .hasMessageContaining("curv-zo-lr (paper)")
        .hasMessageContaining("got none among 0 shadows with curv_zo");

    boolean[][] all = memberships(scores);
    Arrays.fill(all[3], true);
    assertThatThrownBy(() -> run(copy(scores, all), 3))
        .hasMessageContaining("members and non-members of target 3, got 20 and 0");

    ScoreSet bare = new ScoreSet(memberships(scores), new long[20], scores.views());
    bare.put(Signal.CURV_ZO, 3, new double[40]);
    assertThatThrownBy(() -> AttackRun.evaluate(
            bare, new int[] {3}, AttackSettings.of(BOTH)
                .withAttacks(List.of(Attacks.byId("yeom")))))
        .hasMessage("attack yeom (paper): target 3 has no loss");
    assertThatThrownBy(() -> bare.put(Signal.LOSS, 3, new double[39]))
        .hasMessageContaining("loss of [2,20] values for model 3, got 39");
    assertThatThrownBy(() -> Attacks.byId("lirA"))
        .hasMessageContaining("expected one of curv-zo-nll, curv-zo-lr, lira, yeom");
  }

  @Test
  void whatTheScoresDoNotAllowIsLeftOutWithANoteOrRefusedByName() {
    ScoreSet scores = SyntheticScores.make(9, 8, 60);
    AttackSettings all = AttackSettings.of(BOTH).withBootstrap(FEW);
    AttackResults results = AttackRun.evaluate(scores, new int[] {7}, all);
    assertThat(results.results())
        .extracting(r -> r.attack().id())
        .contains("rmia", "joint", "bavaria")
        .doesNotContain("song", "curv-exact-lr");
    assertThat(results.warnings())
        .filteredOn(warning -> warning.startsWith("Left out: "))
        .singleElement().asString()
        .contains("attack song (paper): target 7 has no mentr; ")
        .contains("attack curv-exact-lr (corrected): target 7 has no curv_exact; ");
    assertThatThrownBy(
            () ->
                AttackRun.evaluate(
                    scores, new int[] {7}, all.withAttacks(List.of(Attacks.byId("song")))))
        .hasMessage("attack song (paper): target 7 has no mentr");
    assertThatThrownBy(
            () ->
                AttackRun.evaluate(
                    scores, new int[] {7},
                    AttackSettings.of(EnumSet.of(Mode.PAPER))
                        .withAttacks(List.of(Attacks.byId("rmia")))))
        .hasMessage("attack rmia: there is no such attack in mode paper");
  }

  @Test
  void onlyTheFirstShadowsAreUsedWhenAsked() {
    ScoreSet scores = SyntheticScores.make(10, 14, 200);
    AttackSettings four = AttackSettings.of(BOTH).withBootstrap(FEW).withShadows(4);
    AttackResults few = AttackRun.evaluate(scores, new int[] {12, 13}, four);
    ScoreSet cut = new ScoreSet(memberships(scores), new long[200], scores.views());
    for (Signal signal : scores.signals()) {
      for (int m : new int[] {0, 1, 2, 3, 12, 13}) {
        cut.put(signal, m, views(scores, signal, m));
      }
    }
    AttackResults same =
        AttackRun.evaluate(
            cut, new int[] {12, 13}, AttackSettings.of(BOTH).withBootstrap(FEW));
    assertThat(few.shadows()).isEqualTo(4);
    assertThat(few.results()).hasSameSizeAs(same.results());
    for (int i = 0; i < few.results().size(); i++) {
      assertThat(few.results().get(i).guesses()).containsExactly(same.results().get(i).guesses());
    }
    assertThat(few.warnings()).noneMatch(w -> w.contains("have no scores"));
    assertThat(same.warnings()).anyMatch(w -> w.contains("8 of 12 shadow models have no scores"));
  }

  @Test
  void constantInfiniteAndUnservedScoresAreToldAndCounted() {
    ScoreSet scores = SyntheticScores.make(11, 9, 80);
    boolean[][] members = memberships(scores);
    for (int m = 0; m < 8; m++) {
      members[m][3] = true;
      members[m][4] = false;
    }
    ScoreSet odd = copy(scores, members);
    for (int m = 0; m < 9; m++) {
      double[] constant = new double[160];
      Arrays.fill(constant, 0.5);
      odd.put(Signal.PROB_MAX, m, constant);
    }
    double[] loss = views(scores, Signal.LOSS, 8);
    loss[0] = Double.POSITIVE_INFINITY;
    loss[1] = Double.NEGATIVE_INFINITY;
    odd.put(Signal.LOSS, 8, loss);
    AttackResults results = run(odd, 8);
    assertThat(results.warnings())
        .anyMatch(w -> w.startsWith("LiRA (paper, target 8) gave every sample the same score"))
        .anyMatch(w -> w.startsWith("2 values of loss are infinite or not numbers"))
        .anyMatch(w -> w.matches("Samples without a shadow model trained on them.*: 1 \\(4\\)."))
        .anyMatch(w -> w.matches("Samples without a shadow model not trained.*: 1 \\(3\\)."));
    AttackResult yeom = of(results, "yeom", Mode.CORRECTED);
    assertThat(yeom.unscored()).isZero();
    assertThat(yeom.guesses()[0]).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(yeom.guesses()[1]).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void rulesOfVarianceDifferAndAreNamed() {
    ScoreSet scores = SyntheticScores.make(12, 13, 300);
    List<double[]> guesses =
        Arrays.stream(Variance.values())
            .map(rule -> AttackSettings.of(BOTH).withBootstrap(FEW).withVariance(rule))
            .map(settings -> AttackRun.evaluate(scores, new int[] {12}, settings))
            .map(results -> of(results, "lira", Mode.CORRECTED).guesses())
            .toList();
    assertThat(guesses.stream().distinct().map(Arrays::hashCode).distinct()).hasSize(3);
    assertThat(Variance.byId("per-sample")).isEqualTo(Variance.PER_SAMPLE);
    assertThatThrownBy(() -> Variance.byId("own"))
        .hasMessage("variance: expected one of per-sample, global, shrunk, got own");
  }

  /** Rounded answers are the same for all models; that 3 · 0.1 is not 0.3 says nothing of others. */
  @Test
  void samplesOnWhichAllShadowsAgreeDoNotMoveTheOthers() {
    List<double[]> guesses =
        Stream.of(0.0, 0.1)
            .map(
                constant -> {
                  ScoreSet scores = SyntheticScores.make(19, 13, 300);
                  for (int m = 0; m < 13; m++) {
                    double[] logit = views(scores, Signal.LOGIT, m);
                    for (int i = 0; i < logit.length; i += 5) {
                      logit[i] = constant;
                    }
                    scores.put(Signal.LOGIT, m, logit);
                  }
                  return of(run(scores, 12), "lira", Mode.CORRECTED).guesses();
                })
            .toList();
    for (int s = 0; s < 300; s++) {
      if (s % 5 != 0) {
        assertThat(guesses.get(1)[s]).as("sample %d", s).isEqualTo(guesses.get(0)[s], within(1e-12));
      }
    }
  }

  /** Rejecting everything parts them best; the samples are told apart all the same. */
  @Test
  void aClassThatNoThresholdPartsKeepsItsOrder() {
    ScoreSet scores = SyntheticScores.make(20, 9, 200);
    for (int m = 0; m < 9; m++) {
      double[] entropy = views(scores, Signal.LOSS, m);
      for (int i = 0; i < entropy.length; i++) {
        if (i % 10 == 4) {
          entropy[i] = 3 + i * 1e-3 + (scores.member(m, i % 200) ? 1 : 0);
        }
      }
      scores.put(Signal.MENTR, m, entropy);
    }
    AttackResult song =
        AttackRun.evaluate(
                scores, new int[] {8},
                AttackSettings.of(EnumSet.of(Mode.CORRECTED))
                    .withAttacks(List.of(Attacks.byId("song")))
                    .withBootstrap(FEW))
            .results().get(0);
    assertThat(Arrays.stream(song.guesses())).allMatch(Double::isFinite);
    assertThat(song.guesses()[14] - song.guesses()[4])
        .isEqualTo(scores.values(Signal.MENTR, 8, 0)[4] - scores.values(Signal.MENTR, 8, 0)[14],
            within(1e-12));
  }

  @Test
  void withoutOneShadowEqualOthersDeviateByNothing() {
    boolean[][] members = {{true}, {true}, {true}};
    for (int i = 1; i <= 100; i++) {
      ScoreSet scores = new ScoreSet(members, new long[1], List.of("identity"));
      double[] logits = {0.3, 0.3, 0.37 * i};
      for (int m = 0; m < 3; m++) {
        scores.put(Signal.LOGIT, m, new double[] {logits[m]});
      }
      ShadowStatistics all =
          ShadowStatistics.of(scores, new int[] {0, 1, 2}, Feature.raw(Signal.LOGIT));
      assertThat(squaresWithout(all, scores, 2, logits[2])).as("beside %s", logits[2]).isZero();
      double far = logits[2] - logits[1];
      assertThat(squaresWithout(all, scores, 0, logits[0]))
          .isCloseTo(far * far / 2, within(1e-12 * (1 + far * far)));
    }
  }

  private static double squaresWithout(
      ShadowStatistics all, ScoreSet scores, int model, double value) {
    return all.without(scores, model, new double[][] {{value}}).in().squares(0, 0);
  }

  @Test
  void aViewThatTakesAwayIsLeftOutAndNamed() {
    ScoreSet scores = SyntheticScores.make(13, 13, 600);
    ScoreSet oneView = new ScoreSet(memberships(scores), new long[600], List.of("identity"));
    Philox noise = new Philox(14);
    for (int m = 0; m < 13; m++) {
      double[] logit = views(scores, Signal.LOGIT, m);
      oneView.put(Signal.LOGIT, m, Arrays.copyOf(logit, 600));
      for (int s = 600; s < 1200; s++) {
        logit[s] = noise.normal(m, s);
      }
      scores.put(Signal.LOGIT, m, logit);
    }
    AttackSettings lira =
        AttackSettings.of(EnumSet.of(Mode.CORRECTED))
            .withAttacks(List.of(Attacks.byId("lira")))
            .withBootstrap(FEW);
    int[] targets = {12};
    AttackResults auto = AttackRun.evaluate(scores, targets, lira);
    assertThat(auto.results().get(0).guesses())
        .isEqualTo(AttackRun.evaluate(oneView, targets, lira).results().get(0).guesses());
    assertThat(auto.warnings())
        .anyMatch(w -> w.matches("Of the views identity, flip only identity is used .*: by Gaussian ratio of logit\\. .*"));
    AttackResults all = AttackRun.evaluate(scores, targets, lira.withViews(Views.ALL));
    assertThat(all.results().get(0).figures().auroc())
        .isLessThan(auto.results().get(0).figures().auroc());
    assertThat(all.warnings()).noneMatch(w -> w.startsWith("Of the views"));
    assertThatThrownBy(() -> Views.byId("both"))
        .hasMessage("views: expected one of auto, all, got both");
  }

  @Test
  void viewsThatAddUpAreAllUsed() {
    ScoreSet scores = SyntheticScores.make(15, 13, 600);
    AttackSettings settings = AttackSettings.of(EnumSet.of(Mode.CORRECTED)).withBootstrap(FEW);
    int[] targets = {12};
    assertThat(of(AttackRun.evaluate(scores, targets, settings), "lira", Mode.CORRECTED).guesses())
        .isEqualTo(
            of(
                    AttackRun.evaluate(scores, targets, settings.withViews(Views.ALL)),
                    "lira", Mode.CORRECTED)
                .guesses());
  }

  private static double[] views(ScoreSet scores, Signal signal, int model) {
    double[] first = scores.values(signal, model, 0);
    double[] both = Arrays.copyOf(first, 2 * first.length);
    System.arraycopy(scores.values(signal, model, 1), 0, both, first.length, first.length);
    return both;
  }

  private static boolean[][] memberships(ScoreSet scores) {
    boolean[][] members = new boolean[scores.models()][scores.samples()];
    for (int m = 0; m < members.length; m++) {
      for (int s = 0; s < members[m].length; s++) {
        members[m][s] = scores.member(m, s);
      }
    }
    return members;
  }

  private static ScoreSet copy(ScoreSet scores, boolean[][] members) {
    ScoreSet copy = new ScoreSet(members, new long[scores.samples()], scores.views());
    for (Signal signal : scores.signals()) {
      for (int m = 0; m < scores.models(); m++) {
        copy.put(signal, m, views(scores, signal, m));
      }
    }
    return copy;
  }
}
