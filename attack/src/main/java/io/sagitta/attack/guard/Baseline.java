package io.sagitta.attack.guard;

import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
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
 * <p>Judged so, a guess without any use comes out a little below one half rather than at it: a fold
 * with more members than its share leaves fewer to learn from. Only AUROC above one half is
 * therefore a finding.
 *
 * @param target index of the model whose members it tries to tell
 * @param roc over all samples
 * @param figures read off it
 * @param interval 95 % bootstrap interval of each figure
 */
public record Baseline(int target, Roc roc, Figures figures, Bootstrap.Interval interval) {
  /** The name in files, beside those of attacks. */
  public static final String ID = "baseline";

  /** The name in tables and pictures. */
  public static final String TITLE = "Model-free baseline";

  private static final int FOLDS = 5;

  /**
   * Guesses at the members of each target.
   *
   * @param images those that were scored, in their order
   * @throws IllegalArgumentException if there are not as many images as samples
   */
  public static List<Baseline> of(
      ImageDataset images, ScoreSet scores, int[] targets, Bootstrap bootstrap) {
    if (images.size() != scores.samples()) {
      throw new IllegalArgumentException(
          "baseline: expected the " + scores.samples() + " images that were scored, got "
              + images.size());
    }
    double[][] features = ImageFeatures.of(images);
    return Arrays.stream(targets)
        .mapToObj(target -> of(features, scores, target, bootstrap))
        .toList();
  }

  private static Baseline of(
      double[][] features, ScoreSet scores, int target, Bootstrap bootstrap) {
    boolean[] member = new boolean[features.length];
    for (int s = 0; s < member.length; s++) {
      member[s] = scores.member(target, s);
    }
    double[] guesses = crossValidated(features, member);
    Roc roc = Roc.of(select(guesses, member, true), select(guesses, member, false));
    return new Baseline(
        target, roc, Figures.exact(roc), bootstrap.interval(roc, Figures::exact));
  }

  /** {@code [samples]}: the log odds by the model that did not learn from the sample. */
  private static double[] crossValidated(double[][] features, boolean[] member) {
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
              int[] rows = IntStream.range(0, fold.length).filter(s -> fold[s] != f).toArray();
              LogisticRegression model = LogisticRegression.fit(features, member, rows);
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
