package io.sagitta.attack.methods;

import io.sagitta.attack.methods.ShadowStatistics.Side;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * How far each shadow's feature of a sample lies from what the other shadows on the same side say
 * of it, in units that a normal feature would have: log curvature for curvatures, the logit as it
 * is, of the image as it is.
 *
 * <p>Each is a leave-one-out residual {@code t = (x − μ₋) / (σ₋ √(1 + 1/(n − 1)))}, with mean and
 * deviation of the sample's n − 1 other shadows on that side, which follows Student's t with n − 2
 * degrees of freedom if the feature is normal with any mean and variance of the sample's own. So
 * {@code Φ⁻¹(F(t))} is standard normal then, whatever n, and is what stands here: a Q-Q plot
 * against the normal law is straight where the Gaussian model holds. A sample needs three shadows
 * on a side. Of many samples, evenly spaced ones stand for all.
 *
 * @param signal whose feature
 * @param in of shadows trained on the sample, in no order that matters
 * @param out of shadows not trained on it
 */
public record Residuals(Signal signal, double[] in, double[] out) {
  /** About how many residuals are enough. */
  private static final int ENOUGH = 100_000;

  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  static Residuals of(ShadowPool pool, Feature feature) {
    ScoreSet scores = pool.scores();
    int[] shadows = pool.shadows(feature.signal());
    ShadowStatistics statistics = pool.statistics(feature);
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    int step = (int) Math.ceil((double) shadows.length * scores.samples() / ENOUGH);
    double[] in = new double[shadows.length * (scores.samples() / step + 1)];
    double[] out = new double[in.length];
    int ins = 0;
    int outs = 0;
    for (int shadow : shadows) {
      double[] values = pool.values(feature, shadow, view);
      for (int s = 0; s < values.length; s += step) {
        boolean member = scores.member(shadow, s);
        Side side = member ? statistics.in() : statistics.out();
        double residual = residual(values[s], side, view, s);
        if (Double.isFinite(residual) && member) {
          in[ins++] = residual;
        } else if (Double.isFinite(residual)) {
          out[outs++] = residual;
        }
      }
    }
    return new Residuals(feature.signal(), Arrays.copyOf(in, ins), Arrays.copyOf(out, outs));
  }

  private static double residual(double x, Side side, int view, int sample) {
    int others = side.count(view, sample) - 1;
    if (others < 2 || !Double.isFinite(x)) {
      return Double.NaN;
    }
    double t =
        (x - side.meanWithout(x, view, sample))
            / Math.sqrt(side.squaresWithout(x, view, sample) / (others - 1) * (1 + 1.0 / others));
    if (!Double.isFinite(t)) {
      return Double.NaN;
    }
    double tail = new TDistribution(null, others - 1).cumulativeProbability(-Math.abs(t));
    return -Math.copySign(NORMAL.inverseCumulativeProbability(tail), t);
  }
}
