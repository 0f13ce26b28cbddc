package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hutchinson's trace against closed forms. */
class HutchinsonTest {
  private static final int D = Networks.DIMENSION;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
  }

  @Test
  void oneProbeIsExactOnADiagonal() {
    Estimate estimate =
        new Hutchinson(1, 3, 2)
            .estimate(Networks.quadratic(Networks.diagonal()), backend, Networks.samples(3));
    assertThat(estimate.curvature()).hasSize(3);
    for (double trace : estimate.curvature()) {
      assertThat(trace).isCloseTo(D * (D + 1) / 2.0, within(1e-12));
    }
  }

  @Test
  void eachProbeIsItsQuadraticForm() {
    Samples samples = Networks.samples(3);
    int n = 4;
    Estimate estimate = new Hutchinson(n, 9, 5).estimate(Networks.linear(), backend, samples);
    Philox philox = new Philox(9);
    for (int s = 0; s < samples.count(); s++) {
      double[] hessian = Networks.linearHessian(Networks.point(samples, s));
      double sum = 0;
      for (int probe = 0; probe < n; probe++) {
        byte[] v = new byte[D];
        philox.rademacher(Philox.stream(9, (samples.ids()[s] << 24) + 2 * probe), v);
        sum += Networks.form(v, hessian, v);
      }
      Tolerance.checkNear("trace " + s, estimate.curvature()[s], sum / n, 1e-12);
    }
  }

  /** Within four standard errors of the trace, and these as large as theory says. */
  @Test
  void convergesToTheTraceAsItsErrorPromises() {
    Samples samples = Networks.samples(2);
    int n = 2000;
    Estimate estimate = new Hutchinson(n, 1, 500).estimate(Networks.linear(), backend, samples);
    for (int s = 0; s < samples.count(); s++) {
      double[] hessian = Networks.linearHessian(Networks.point(samples, s));
      double trace = 0;
      double offDiagonal = 0;
      for (int i = 0; i < hessian.length; i++) {
        boolean diagonal = i / D == i % D;
        trace += diagonal ? hessian[i] : 0;
        offDiagonal += diagonal ? 0 : hessian[i] * hessian[i];
      }
      double error = Math.sqrt(2 * offDiagonal / n);
      assertThat(estimate.standardError()[s]).isBetween(0.9 * error, 1.1 * error);
      assertThat(estimate.curvature()[s]).isCloseTo(trace, within(4 * error));
    }
  }

  @Test
  void neitherBatchNorCompanyChangesTheResult() {
    Samples samples = Networks.samples(5);
    double[] expected =
        new Hutchinson(3, 5, 1).estimate(Networks.linear(), backend, samples).curvature();
    Hutchinson estimator = new Hutchinson(3, 5, 7);
    assertThat(estimator.estimate(Networks.linear(), backend, samples).curvature())
        .containsExactly(expected);
    assertThat(
            estimator.estimate(Networks.linear(), backend, Networks.only(samples, 4)).curvature())
        .containsExactly(expected[4]);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new Hutchinson(0, 1, 1)).hasMessageContainingAll("hutchinson:", "0");
    assertThatThrownBy(() -> new Hutchinson(1, 1, 0)).hasMessageContainingAll("batch", "0");
  }
}
