package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Modified entropy {@code M = −(1−p_y) log p_y − Σ_{k≠y} p_k log(1−p_k)} against a threshold of the
 * sample's class: members have less.
 *
 * <p>Corrected: {@code τ_y − M}, where τ_y parts the shadows' members of the class from their
 * non-members with the greatest balanced accuracy; a class that no threshold parts takes the least
 * entropy seen, and one that lacks either kind the threshold of all. Paper: {@code −M} of the
 * flipped image, with AUROC and TPR of the whole set. The published balanced accuracy is the mean
 * over classes of the whole set's at the class's threshold, and so is paper mode's; the published
 * TPR is the last class's, by an accident of a loop, and paper mode's is not. The 1e-9 that the
 * published code adds inside {@code log(1 − p_k)} is a matter of whoever wrote the score files.
 */
final class Song implements Attack {
  private static final Feature ENTROPY = Feature.raw(Signal.MENTR);

  @Override
  public String id() {
    return "song";
  }

  @Override
  public String title() {
    return "Song & Mittal";
  }

  @Override
  public String reference() {
    return "Song, Mittal: Systematic Evaluation of Privacy Risks of Machine Learning Models,"
        + " USENIX Security 2021";
  }

  @Override
  public String formula() {
    return "τ_y − M, M = −(1−p_y) log p_y − Σ_{k≠y} p_k log(1−p_k)";
  }

  @Override
  public Needs needs(Mode mode) {
    boolean thresholds = mode == Mode.CORRECTED;
    return new Needs(Set.of(Signal.MENTR), thresholds, thresholds, false);
  }

  @Override
  public boolean thresholdsByClass(Mode mode) {
    return mode == Mode.PAPER;
  }

  @Override
  public Guess guess(AttackInput input) {
    int view = input.singleView();
    double[] entropies = input.target(ENTROPY, view);
    if (input.mode() == Mode.PAPER) {
      return new Guess(Arrays.stream(entropies).map(m -> -m).toArray(), 0);
    }
    double[] thresholds = input.once("song", () -> thresholds(input.pool(), view));
    for (int s = 0; s < entropies.length; s++) {
      entropies[s] = thresholds[s] - entropies[s];
    }
    return new Guess(entropies, 0);
  }

  /** The threshold of every sample's class. */
  private static double[] thresholds(ShadowPool pool, int view) {
    ScoreSet scores = pool.scores();
    int[] shadows = pool.shadows(Signal.MENTR);
    double[][] values =
        Arrays.stream(shadows)
            .mapToObj(shadow -> pool.values(ENTROPY, shadow, view))
            .toArray(double[][]::new);
    Map<Long, List<Integer>> classes = new TreeMap<>();
    for (int s = 0; s < scores.samples(); s++) {
      classes.computeIfAbsent(scores.label(s), label -> new ArrayList<>()).add(s);
    }
    List<Integer> all = IntStream.range(0, scores.samples()).boxed().toList();
    double common = threshold(scores, shadows, values, all);
    double[] thresholds = new double[scores.samples()];
    for (List<Integer> samples : classes.values()) {
      double own = threshold(scores, shadows, values, samples);
      samples.forEach(s -> thresholds[s] = Double.isNaN(own) ? common : own);
    }
    return thresholds;
  }

  /** NaN where these samples lack members or non-members. */
  private static double threshold(
      ScoreSet scores, int[] shadows, double[][] values, List<Integer> samples) {
    DoubleStream.Builder in = DoubleStream.builder();
    DoubleStream.Builder out = DoubleStream.builder();
    for (int i = 0; i < shadows.length; i++) {
      for (int s : samples) {
        if (!Double.isNaN(values[i][s])) {
          (scores.member(shadows[i], s) ? in : out).add(-values[i][s]);
        }
      }
    }
    double[] ins = in.build().toArray();
    double[] outs = out.build().toArray();
    if (ins.length == 0 || outs.length == 0) {
      return Double.NaN;
    }
    Roc roc = Roc.of(ins, outs);
    return -roc.threshold(Math.max(1, roc.bestPoint()));
  }
}
