package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which views of an image count in corrected attacks that read several. */
public enum Views {
  /**
   * All together or a single one, whichever tells the shadows' own members apart best by the
   * statistics of the other shadows. A view that the models were not trained on, such as the
   * flipped image where nothing was flipped, holds less than the image itself, and counted as
   * independent evidence it takes away from it.
   */
  AUTO,
  /** All, each as independent evidence. */
  ALL;

  /** At most so many shadows stand in for targets, evenly spread. */
  private static final int STAND_INS = 8;

  /** The name on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The rule of this name.
   *
   * @throws IllegalArgumentException naming the rules there are
   */
  public static Views byId(String id) {
    return Arrays.stream(values())
        .filter(rule -> rule.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "views: expected one of "
                        + Arrays.stream(values()).map(Views::id).collect(Collectors.joining(", "))
                        + ", got " + id));
  }

  /**
   * Chooses.
   *
   * @return indices of views, ascending
   */
  int[] of(ShadowPool pool, Feature feature, ViewEvidence evidence) {
    int[] all = IntStream.range(0, pool.scores().views().size()).toArray();
    if (this == ALL || all.length == 1) {
      return all;
    }
    List<int[]> candidates = new ArrayList<>();
    candidates.add(all);
    Arrays.stream(all).forEach(view -> candidates.add(new int[] {view}));
    double[] reached = new double[candidates.size()];
    int[] shadows = pool.shadows(feature.signal());
    int standIns = Math.min(STAND_INS, shadows.length);
    for (int i = 0; i < standIns; i++) {
      add(pool, feature, evidence, shadows[i * shadows.length / standIns], candidates, reached);
    }
    int best = 0;
    for (int c = 1; c < reached.length; c++) {
      best = reached[c] > reached[best] ? c : best;
    }
    return candidates.get(best);
  }

  /** Adds a shadow's AUROC by each candidate, where each has one. */
  private static void add(
      ShadowPool pool, Feature feature, ViewEvidence evidence, int shadow,
      List<int[]> candidates, double[] reached) {
    ScoreSet scores = pool.scores();
    double[][] x = new double[scores.views().size()][];
    Arrays.setAll(x, view -> pool.values(feature, shadow, view));
    ShadowStatistics others = pool.statistics(feature).without(scores, shadow, x);
    double[][] ofView = new double[x.length][];
    Arrays.setAll(ofView, view -> evidence.of(x[view], others, view));
    boolean[] members = new boolean[scores.samples()];
    for (int s = 0; s < members.length; s++) {
      members[s] = scores.member(shadow, s);
    }
    double[] aurocs = new double[reached.length];
    for (int c = 0; c < aurocs.length; c++) {
      double[] sums = ViewEvidence.sum(ofView, candidates.get(c));
      if (!Roc.hasBothKinds(sums, members)) {
        return;
      }
      aurocs[c] = Roc.of(sums, members).auroc();
    }
    Arrays.setAll(reached, c -> reached[c] + aurocs[c]);
  }
}
