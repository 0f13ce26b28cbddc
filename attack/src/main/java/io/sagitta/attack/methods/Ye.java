package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import java.util.Set;

/**
 * Attack R: {@code −(loss − q)}, where q is the α-quantile, α = 1e-4, of the losses of shadows not
 * trained on the sample, linear between order statistics. With fewer than 10,000 such shadows that
 * is their least loss, or hardly above it. Paper: of the flipped image. Corrected: of the image as
 * it is.
 */
final class Ye implements Attack {
  private static final double ALPHA = 1e-4;
  private static final Feature LOSS = Feature.raw(Signal.LOSS);

  @Override
  public String id() {
    return "ye";
  }

  @Override
  public String title() {
    return "Ye et al. (Attack R)";
  }

  @Override
  public String reference() {
    return "Ye, Maddi, Murakonda, Bindschaedler, Shokri: Enhanced Membership Inference Attacks"
        + " against Machine Learning Models, CCS 2022";
  }

  @Override
  public String formula() {
    return "−(loss − 1e-4-quantile of the losses of out-models)";
  }

  @Override
  public Needs needs(Mode mode) {
    return new Needs(Set.of(Signal.LOSS), false, true, false);
  }

  @Override
  public Guess guess(AttackInput input) {
    int view = input.singleView();
    double[] quantiles =
        input.once("ye " + view, () -> quantiles(input.pool(), view));
    double[] loss = input.target(LOSS, view);
    for (int s = 0; s < loss.length; s++) {
      loss[s] = -(loss[s] - quantiles[s]);
    }
    return new Guess(loss, 0);
  }

  private static double[] quantiles(ShadowPool pool, int view) {
    int samples = pool.scores().samples();
    int[] shadows = pool.shadows(Signal.LOSS);
    // The quantile lies between the first of these and the next.
    int kept = Math.min(shadows.length, (int) (ALPHA * shadows.length) + 2);
    double[][] least = new double[kept][samples];
    int[] counts = new int[samples];
    for (int shadow : shadows) {
      double[] values = pool.values(LOSS, shadow, view);
      for (int s = 0; s < samples; s++) {
        if (!pool.scores().member(shadow, s) && !Double.isNaN(values[s])) {
          insert(least, s, Math.min(counts[s]++, kept), values[s]);
        }
      }
    }
    double[] quantiles = new double[samples];
    Arrays.setAll(quantiles, s -> quantile(least, s, counts[s]));
    return quantiles;
  }

  /** Keeps a sample's least values ascending, of which there are {@code filled}. */
  private static void insert(double[][] least, int sample, int filled, double value) {
    int at = filled;
    while (at > 0 && least[at - 1][sample] > value) {
      if (at < least.length) {
        least[at][sample] = least[at - 1][sample];
      }
      at--;
    }
    if (at < least.length) {
      least[at][sample] = value;
    }
  }

  private static double quantile(double[][] least, int sample, int count) {
    if (count == 0) {
      return Double.NaN;
    }
    double position = ALPHA * (count - 1);
    int below = (int) position;
    int above = Math.min(below + 1, count - 1);
    double low = least[below][sample];
    return low + (position - below) * (least[above][sample] - low);
  }
}
