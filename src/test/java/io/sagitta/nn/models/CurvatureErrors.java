package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;

/** How far estimators of a model with golden weights are from float64. */
record CurvatureErrors(Model model, Samples samples) {
  double[] curvature(Backend backend, CurvatureEstimator estimator) {
    try (Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      return estimator.estimate(classifier::logits, backend, samples).curvature();
    } finally {
      assertThat(backend.liveBytes()).isZero();
    }
  }

  /** Relative error in float32 of an estimator, against another way to evaluate it in float64. */
  double of(CurvatureEstimator estimator, CurvatureEstimator oracle) {
    try (Backend host = HostBackend.create();
        Backend reference = ReferenceBackend.onAllCores()) {
      return Goldens.relativeError(curvature(host, estimator), curvature(reference, oracle));
    }
  }
}
