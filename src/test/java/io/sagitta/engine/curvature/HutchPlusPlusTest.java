package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hutch++ against closed forms. */
class HutchPlusPlusTest {
  private static final int D = Networks.DIMENSION;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
  }

  /** C classes, so a rank of C − 1 that a sketch of as many columns spans. */
  @Test
  void exactWhereTheSketchSpansTheHessian() {
    Samples samples = Networks.samples(3);
    int rank = Networks.CLASSES - 1;
    for (int sketch = rank; sketch <= D + 1; sketch++) {
      Estimate estimate =
          new HutchPlusPlus(sketch, 2, 5, 2).estimate(Networks.linear(), backend, samples);
      for (int s = 0; s < samples.count(); s++) {
        double trace = trace(Networks.linearHessian(Networks.point(samples, s)));
        Tolerance.checkNear("trace " + s, estimate.curvature()[s], trace, 1e-9);
        assertThat(estimate.standardError()[s]).isLessThan(1e-9 * trace);
      }
    }
  }

  /** An indefinite matrix of full rank, through a smooth network; a narrow sketch. */
  @Test
  void unbiasedWithTheErrorItReports() {
    Samples samples = Networks.samples(2);
    double[] hessian = Networks.symmetric();
    Estimate estimate =
        new HutchPlusPlus(2, 2000, 1, 4)
            .estimate(Networks.quadratic(hessian), backend, samples);
    double offDiagonal = 0;
    for (int i = 0; i < hessian.length; i++) {
      offDiagonal += i / D == i % D ? 0 : hessian[i] * hessian[i];
    }
    double hutchinsons = Math.sqrt(2 * offDiagonal / 2000);
    for (int s = 0; s < samples.count(); s++) {
      double error = estimate.standardError()[s];
      assertThat(estimate.curvature()[s]).isCloseTo(trace(hessian), within(4 * error));
      assertThat(error).isLessThan(hutchinsons);
      assertThat(estimate.trials()[s]).isEqualTo(2000);
    }
  }

  @Test
  void neitherBatchNorCompanyNorTheCutChangesTheResult() {
    Samples samples = Networks.samples(5);
    Trials all =
        new HutchPlusPlus(1, 4, 5, 1).trials(Networks.linear(), backend, samples, 0, 4);
    HutchPlusPlus estimator = new HutchPlusPlus(1, 4, 5, 7);
    Trials later = estimator.trials(Networks.linear(), backend, samples, 1, 3);
    Trials alone =
        estimator.trials(Networks.linear(), backend, Networks.only(samples, 4), 1, 3);
    for (int s = 0; s < samples.count(); s++) {
      for (int i = 0; i < 3; i++) {
        assertThat(later.values()[s][i]).isEqualTo(all.values()[s][i + 1]);
      }
    }
    assertThat(alone.values()[0]).containsExactly(later.values()[4]);
    assertThat(estimator.estimate(Networks.linear(), backend, Networks.samples(0)).curvature())
        .isEmpty();
  }

  @Test
  void thirdsOfTheProducts() {
    assertThat(HutchPlusPlus.ofProducts(10, 1, 8)).isEqualTo(new HutchPlusPlus(3, 4, 1, 8));
    assertThatThrownBy(() -> HutchPlusPlus.ofProducts(3, 1, 8))
        .hasMessageContainingAll("hutch++", "at least 4", "3");
    assertThatThrownBy(() -> new HutchPlusPlus(0, 1, 1, 8))
        .hasMessageContainingAll("hutch++", "column", "0");
  }

  private static double trace(double[] square) {
    double trace = 0;
    for (int i = 0; i < D; i++) {
      trace += square[i * D + i];
    }
    return trace;
  }
}
