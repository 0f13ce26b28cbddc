package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * The shadow models of an evaluation, and statistics over them, taken once for all attacks and
 * targets. A shadow that has no scores is left out. Not for several threads at once.
 */
final class ShadowPool {
  private final ScoreSet scores;
  private final int[] shadows;
  private final Map<String, ShadowStatistics> statistics = new HashMap<>();
  private final Map<Signal, Double> leastPositive = new EnumMap<>(Signal.class);

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

  ShadowStatistics statistics(Feature feature) {
    return statistics.computeIfAbsent(
        feature.name(),
        name -> ShadowStatistics.of(scores, shadows(feature.signal()), feature));
  }

  /** The least positive finite value of a signal in any shadow and view; 1 when there is none. */
  double leastPositive(Signal signal) {
    return leastPositive.computeIfAbsent(signal, this::findLeastPositive);
  }

  private double findLeastPositive(Signal signal) {
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
