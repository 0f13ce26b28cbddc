package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trials that stop where the error is small enough. */
class UntilPreciseTest {
  private static final double ERROR = 0.1;
  private static final int MOST = 100;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
  }

  private static List<RandomizedEstimator> estimators() {
    return List.of(
        new Hutchinson(MOST, 1, 16), new HutchPlusPlus(1, MOST, 1, 16),
        new GradientDifference(1e-3, MOST, 1, 16, false),
        new ZeroOrder(1e-3, MOST, 1, 16, Evaluation.plain()),
        new ZeroOrderTrace(1e-3, MOST, 1, 16, Evaluation.plain()));
  }

  /** Each result is the mean of the first 8, 16, … of all trials, the first that is good enough. */
  @Test
  void stopsAtTheFirstLookThatIsGoodEnough() {
    Samples samples = Networks.samples(6);
    for (RandomizedEstimator estimator : estimators()) {
      Trials all = estimator.trials(Networks.linear(), backend, samples, 0, MOST);
      Estimate estimate =
          new UntilPrecise(estimator, ERROR).estimate(Networks.linear(), backend, samples);
      for (int s = 0; s < samples.count(); s++) {
        int expected = 8;
        while (expected < MOST && !isPrecise(all.values()[s], expected)) {
          expected = Math.min(MOST, 2 * expected);
        }
        assertThat(estimate.trials()[s]).as("%s, sample %d", estimator, s).isEqualTo(expected);
        Estimate.Mean mean = Estimate.Mean.of(Arrays.copyOf(all.values()[s], expected));
        assertThat(estimate.curvature()[s]).isEqualTo(mean.value());
        assertThat(estimate.standardError()[s]).isEqualTo(mean.error());
      }
      assertThat(estimate.loss()).containsExactly(all.base().loss());
    }
  }

  @Test
  void someSamplesTakeMoreTrialsThanOthers() {
    Samples samples = Networks.samples(6);
    int[] trials =
        new UntilPrecise(new Hutchinson(MOST, 1, 16), 0.15)
            .estimate(Networks.linear(), backend, samples)
            .trials();
    assertThat(Arrays.stream(trials).distinct().count()).isGreaterThan(1);
  }

  @Test
  void companyChangesNothing() {
    Samples samples = Networks.samples(6);
    UntilPrecise estimator = new UntilPrecise(new Hutchinson(MOST, 1, 16), 0.15);
    Estimate together = estimator.estimate(Networks.linear(), backend, samples);
    for (int s = 0; s < samples.count(); s++) {
      Estimate alone =
          estimator.estimate(Networks.linear(), backend, Networks.only(samples, s));
      assertThat(alone.curvature()[0]).isEqualTo(together.curvature()[s]);
      assertThat(alone.trials()[0]).isEqualTo(together.trials()[s]);
    }
  }

  @Test
  void refusesErrorsThatCannotBe() {
    for (double error : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new UntilPrecise(new Hutchinson(1, 1, 1), error))
          .hasMessageContainingAll("relative error above 0", Double.toString(error));
    }
  }

  private static boolean isPrecise(double[] trials, int count) {
    Estimate.Mean mean = Estimate.Mean.of(Arrays.copyOf(trials, count));
    return mean.error() <= ERROR * Math.abs(mean.value());
  }
}
