package io.sagitta.attack.methods;

import io.sagitta.attack.methods.Attack.Guess;
import io.sagitta.attack.methods.ShadowStatistics.Side;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What one view of each sample says for membership: log ratios, or numbers that add up as they do. */
@FunctionalInterface
interface ViewEvidence {
  /**
   * One view's part.
   *
   * @param x a model's feature, {@code [samples]}
   * @return {@code [samples]}; not finite where there is none
   */
  double[] of(double[] x, ShadowStatistics shadows, int view);

  /**
   * The evidence on the input's target, added over the views that {@link Views} chooses. A sample
   * without any under those has that of the other views, and NaN where there is none at all.
   *
   * @param name one for the same arithmetic
   * @param imputes whether a side without shadows is made up from the others' averages
   */
  static Guess guess(
      AttackInput input, String name, Feature feature, boolean imputes, ViewEvidence evidence) {
    int[] chosen = input.chosenViews(name, feature, evidence);
    ShadowStatistics shadows = input.shadows(feature);
    double[][] ofView = new double[input.views()][];
    Arrays.setAll(ofView, view -> evidence.of(input.target(feature, view), shadows, view));
    double[] sums = sum(ofView, chosen);
    double[] all = sum(ofView, IntStream.range(0, ofView.length).toArray());
    int imputed = 0;
    for (int s = 0; s < sums.length; s++) {
      sums[s] = Double.isNaN(sums[s]) ? all[s] : sums[s];
      imputed += imputes && !Double.isNaN(sums[s]) && lacksSide(shadows, chosen, s) ? 1 : 0;
    }
    return new Guess(sums, imputed);
  }

  private static boolean lacksSide(ShadowStatistics shadows, int[] views, int sample) {
    Side in = shadows.in();
    Side out = shadows.out();
    return Arrays.stream(views)
        .anyMatch(view -> in.count(view, sample) == 0 || out.count(view, sample) == 0);
  }

  /** Sums over views of what is finite; NaN where nothing is. */
  static double[] sum(double[][] ofView, int[] views) {
    double[] sums = new double[ofView[0].length];
    Arrays.fill(sums, Double.NaN);
    for (int view : views) {
      for (int s = 0; s < sums.length; s++) {
        double value = ofView[view][s];
        if (Double.isFinite(value)) {
          sums[s] = (Double.isNaN(sums[s]) ? 0 : sums[s]) + value;
        }
      }
    }
    return sums;
  }
}
