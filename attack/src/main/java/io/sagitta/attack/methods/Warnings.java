package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a reader must know before trusting an evaluation's figures. */
final class Warnings {
  private static final Map<String, Double> FALSE_POSITIVE_RATES =
      new TreeMap<>(Map.of("1%", 1e-2, "0.1%", 1e-3, "0.01%", 1e-4)).descendingMap();
  private static final int FEW_NONMEMBERS = 10;

  private Warnings() {}

  static List<String> of(
      ScoreSet scores, int[] targets, int shadows, List<AttackResult> results,
      List<String> leftOut) {
    List<String> warnings = new ArrayList<>();
    leftOut.forEach(what -> warnings.add("Left out: " + what + "."));
    lowRates(results, warnings);
    int missing = scores.models() - targets.length - shadows;
    if (missing > 0) {
      warnings.add(
          missing + " of " + (scores.models() - targets.length)
              + " shadow models have no scores and were left out.");
    }
    if (shadows > 0 && shadows < GaussianRatio.OWN_VARIANCE_SHADOWS) {
      warnings.add(
          "With " + shadows + " shadow models (fewer than " + GaussianRatio.OWN_VARIANCE_SHADOWS
              + ") the corrected attacks pool variances over samples; in the paper's arithmetic"
              + " each sample has its own, noisy one.");
    }
    for (AttackResult result : results) {
      if (result.unscored() > 0) {
        warnings.add(
            name(result) + " could not score " + result.unscored() + " of " + scores.samples()
                + " samples; they are left out of its figures.");
      }
      if (result.imputed() > 0) {
        warnings.add(
            name(result) + " scored " + result.imputed() + " samples that no shadow model had, or"
                + " that all had, from the average of the others.");
      }
    }
    int flips = scores.views().indexOf(ScoreSet.FLIP);
    if (flips < 0 && results.stream().anyMatch(result -> result.mode() == Mode.PAPER)) {
      warnings.add(
          "There is no view named flip: where the paper's code scores the flipped image, paper mode"
              + " used the view " + scores.views().get(0) + ".");
    }
    return List.copyOf(warnings);
  }

  /** A rate that fewer than {@value #FEW_NONMEMBERS} non-members decide says little. */
  private static void lowRates(List<AttackResult> results, List<String> warnings) {
    long fewest = results.stream().mapToLong(result -> result.roc().nonmembers()).min().orElse(0);
    String thin =
        FALSE_POSITIVE_RATES.entrySet().stream()
            .filter(rate -> fewest * rate.getValue() < FEW_NONMEMBERS)
            .map(rate -> share(rate.getKey(), fewest * rate.getValue()))
            .collect(Collectors.joining(", "));
    if (!thin.isEmpty()) {
      warnings.add(
          "There are too few non-members (" + fewest + ") for the lowest false-positive rates: "
              + thin + ". Read a TPR at such a rate as an order of magnitude at best.");
    }
  }

  private static String share(String rate, double nonmembers) {
    return String.format(Locale.ROOT, "%s of them is %.3g", rate, nonmembers);
  }

  private static String name(AttackResult result) {
    return String.format(
        "%s (%s, target %d)", result.attack().title(), result.mode().id(), result.target());
  }
}
