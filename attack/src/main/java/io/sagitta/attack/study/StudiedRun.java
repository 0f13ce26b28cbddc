package io.sagitta.attack.study;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A run whose scores are studied.
 *
 * @param scores of all models
 * @param targets indices of those that are attacked; all others are shadows
 * @param setup how the run was made, in words
 */
public record StudiedRun(ScoreSet scores, int[] targets, Map<String, String> setup) {
  /** The shadows that have a signal. */
  int[] shadows(Signal signal) {
    return IntStream.range(0, scores.models())
        .filter(model -> Arrays.stream(targets).noneMatch(target -> target == model))
        .filter(model -> scores.has(signal, model))
        .toArray();
  }

  /** All models that have a signal. */
  int[] models(Signal signal) {
    return IntStream.range(0, scores.models()).filter(m -> scores.has(signal, m)).toArray();
  }
}
