package io.sagitta.attack.guard;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Ranking;
import io.sagitta.attack.metrics.Reading;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.statistics.LogisticRegression;
import io.sagitta.nn.data.ImageDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A guess of membership that looks at images and labels and at no model. Where it does better than
 * chance, members and non-members are not drawn alike, and an attack can do as well without any
 * leak: Das, Zhang, Tramèr, "Blind Baselines Beat Membership Inference Attacks for Foundation
 * Models" (2024). It is no attack, since it learns from the memberships of the target itself:
 * logistic regression on {@link ImageFeatures}, each fold judged by what the other four taught.
 *
 * <p>The folds learn from each other's samples, which ties their errors together: over random
 * memberships AUROC varies about 1.4 times as much as a bootstrap over samples says. The bootstrap's
 * intervals are therefore widened by {@code √(1 + k/(k − 1))} for k folds (Nadeau and Bengio 2003).
 * A difference between members and non-members can only show as AUROC above one half, so only that
 * is a finding.
 *
 * @param target index of the model whose members it tries to tell
 * @param roc over all samples
 * @param figures read off it
 * @param interval 95 % interval of each figure
 */
public record Baseline(int target, Roc roc, Figures figures, Bootstrap.Interval interval) {
  /** The name in files, beside those of attacks. */
  public static final String ID = "baseline";

  /** The name in tables and pictures. */
  public static final String TITLE = "Model-free baseline";

  private static final int FOLDS = 5;
  private static final double RIDGE = 0.01;
  private static final double WIDER = Math.sqrt(1 + FOLDS / (FOLDS - 1.0));

  /**
   * Guesses at the members of each target.
   *
   * @param images those that were scored, in their order
   * @param stopCheck called between pieces of the work, by several threads; what it throws ends it
   * @throws IllegalArgumentException if there are not as many images as samples
   */
  public static List<Baseline> of(
      ImageDataset images, ScoreSet scores, int[] targets, Bootstrap bootstrap,
      Runnable stopCheck) {
    if (images.size() != scores.samples()) {
      throw new IllegalArgumentException(
          "baseline: expected the " + scores.samples() + " images that were scored, got "
              + images.size());
    }
    double[][] features = ImageFeatures.of(images);
    return Arrays.stream(targets)
        .mapToObj(target -> of(features, scores, target, bootstrap, stopCheck))
        .toList();
  }

  private static Baseline of(
      double[][] features, ScoreSet scores, int target, Bootstrap bootstrap,
      Runnable stopCheck) {
    boolean[] member = new boolean[features.length];
    for (int s = 0; s < member.length; s++) {
      member[s] = scores.member(target, s);
    }
    double[] guesses = crossValidated(features, member, stopCheck);
    Roc roc = Roc.of(select(guesses, member, true), select(guesses, member, false));
    Figures figures = Reading.EXACT.of(roc);
    Ranking ranking = new Ranking(member, guesses, roc, Reading.EXACT);
    Bootstrap.Interval narrow =
        bootstrap.redraw(member, List.of(ranking), stopCheck).get(0).interval();
    return new Baseline(
        target, roc, figures,
        new Bootstrap.Interval(wider(figures, narrow.low()), wider(figures, narrow.high())));
  }

  /** One end of the intervals, moved away from the figures. */
  private static Figures wider(Figures figures, Figures end) {
    return new Figures(
        wider(figures.auroc(), end.auroc()),
        wider(figures.balancedAccuracy(), end.balancedAccuracy()),
        wider(figures.bestBalancedAccuracy(), end.bestBalancedAccuracy()),
        wider(figures.tprAt1e2(), end.tprAt1e2()),
        wider(figures.tprAt1e3(), end.tprAt1e3()),
        wider(figures.tprAt1e4(), end.tprAt1e4()));
  }

  private static double wider(double figure, double end) {
    return Math.max(0, Math.min(1, figure + WIDER * (end - figure)));
  }

  /** {@code [samples]}: the log odds by the model that did not learn from the sample. */
  private static double[] crossValidated(
      double[][] features, boolean[] member, Runnable stopCheck) {
    int[] fold = new int[member.length];
    int members = 0;
    for (int s = 0; s < fold.length; s++) {
      // Members and non-members are dealt out apart, so that every fold has its share of both.
      members += member[s] ? 1 : 0;
      fold[s] = (member[s] ? members : s - members) % FOLDS;
    }
    double[] guesses = new double[member.length];
    IntStream.range(0, FOLDS)
        .parallel()
        .forEach(
            f -> {
              stopCheck.run();
              int[] rows = IntStream.range(0, fold.length).filter(s -> fold[s] != f).toArray();
              LogisticRegression model = LogisticRegression.fit(features, member, rows, RIDGE);
              for (int s = 0; s < fold.length; s++) {
                if (fold[s] == f) {
                  guesses[s] = model.logOdds(features[s]);
                }
              }
            });
    return guesses;
  }

  private static double[] select(double[] values, boolean[] member, boolean kind) {
    return IntStream.range(0, values.length)
        .filter(s -> member[s] == kind)
        .mapToDouble(s -> values[s])
        .toArray();
  }

  /** Whether members and non-members differ without any model. */
  public boolean isFlagged() {
    return interval.low().auroc() > 0.5;
  }

  /** What a reader must know of those that are flagged, a sentence each. */
  public static List<String> warnings(List<Baseline> baselines) {
    List<String> warnings = new ArrayList<>();
    for (Baseline baseline : baselines) {
      if (baseline.isFlagged()) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "Members and non-members of target %d differ before any model is asked: from images"
                    + " and labels alone they are told apart with AUROC %.1f%% (95%% interval"
                    + " %.1f–%.1f%%). That much of an attack's success may be no leak at all.",
                baseline.target(), 100 * baseline.figures().auroc(),
                100 * baseline.interval().low().auroc(),
                100 * baseline.interval().high().auroc()));
      }
    }
    return warnings;
  }
}
