package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The shadow models of an evaluation, and what is learnt from them, once for all attacks and
 * targets. A shadow that has no scores is left out. Not for several threads at once.
 */
final class ShadowPool {
  private final ScoreSet scores;
  private final int[] shadows;
  private final Map<String, Object> learnt = new HashMap<>();
  private final Map<String, int[]> chosenViews = new TreeMap<>();

  ShadowPool(ScoreSet scores, int[] shadows) {
    this.scores = scores;
    this.shadows = shadows;
  }

  ScoreSet scores() {
    return scores;
  }

  /** The shadows that have a signal. */
  int[] shadows(Signal signal) {
    return Arrays.stream(shadows).filter(shadow -> scores.has(signal, shadow)).toArray();
  }

  /** A model's values of a feature under a view, {@code [samples]}. */
  double[] values(Feature feature, int model, int view) {
    return feature.values(scores, model, view);
  }

  /** Makes something of the shadows, or gives what was made under this name before. */
  <T> T once(String name, Supplier<T> make) {
    @SuppressWarnings("unchecked") // a name always stands for the same thing
    T known = (T) learnt.get(name);
    if (known == null) {
      known = make.get();
      learnt.put(name, known);
    }
    return known;
  }

  /** Chooses the views of some evidence, or gives what was chosen under this name before. */
  int[] views(String evidence, Supplier<int[]> choose) {
    int[] known = chosenViews.get(evidence);
    if (known == null) {
      known = choose.get();
      chosenViews.put(evidence, known);
    }
    return known;
  }

  /** Indices of the views chosen so far, by the evidence that they serve. */
  Map<String, int[]> chosenViews() {
    return Collections.unmodifiableMap(chosenViews);
  }

  ShadowStatistics statistics(Feature feature) {
    return once(
        "statistics " + feature.name(),
        () -> ShadowStatistics.of(scores, shadows(feature.signal()), feature));
  }

  /** The logarithm down to the least positive value of any shadow and view. */
  Feature logFeature(Signal signal) {
    return Feature.log(signal, once("least " + signal, () -> leastPositive(signal)));
  }

  private double leastPositive(Signal signal) {
    double least = Double.POSITIVE_INFINITY;
    for (int shadow : shadows(signal)) {
      for (int view = 0; view < scores.views().size(); view++) {
        for (double value : scores.values(signal, shadow, view)) {
          least = value > 0 ? Math.min(least, value) : least;
        }
      }
    }
    return least == Double.POSITIVE_INFINITY ? 1 : least;
  }
}
