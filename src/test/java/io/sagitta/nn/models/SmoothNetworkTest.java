package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ExactCurvature;
import io.sagitta.engine.curvature.GradientDifference;
import io.sagitta.engine.curvature.HutchPlusPlus;
import io.sagitta.engine.curvature.Hutchinson;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.engine.curvature.ZeroOrderTrace;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The estimators on a transformer: in float32 against the same in float64. */
@SuppressWarnings("try")
class SmoothNetworkTest {
  private static final int SIDE = 32;
  private static final int CLASSES = 4;
  private static final int BATCH = 8;
  private static final double H = 1e-3;

  private final Model model = Models.create(ModelSpec.of("vit-tiny", CLASSES, 6));
  private final Samples samples =
      new Samples(
          Goldens.images("x", 2, SIDE), Shape.of(SIDE, SIDE, 3), new int[] {3, 1},
          new long[] {5, 6});
  private final CurvatureErrors errors = new CurvatureErrors(model, samples);

  @Test
  void probesOfTheHessian() {
    CurvatureEstimator hutchinson = new Hutchinson(2, 7, BATCH);
    assertThat(errors.of(hutchinson, hutchinson)).isLessThan(1e-4);
    CurvatureEstimator sketch = HutchPlusPlus.ofProducts(4, 7, BATCH);
    assertThat(errors.of(sketch, sketch)).isLessThan(1e-3);
    CurvatureEstimator difference = new GradientDifference(1e-2, 1, 7, BATCH, false);
    assertThat(errors.of(difference, difference)).isLessThan(1e-2);
  }

  /** Streams lose nothing to subtraction, which float64 does at this step to some 1e-8. */
  @Test
  void streamsAgainstPlainQueriesInFloat64() {
    Function<Evaluation, CurvatureEstimator> zeroOrder =
        evaluation -> new ZeroOrder(H, 2, 3, BATCH, evaluation);
    Function<Evaluation, CurvatureEstimator> trace =
        evaluation -> new ZeroOrderTrace(H, 2, 3, BATCH, evaluation);
    Evaluation streams = Evaluation.streams(Precision.FP32);
    Evaluation plain = Evaluation.plain();
    assertThat(errors.of(zeroOrder.apply(streams), zeroOrder.apply(plain))).isLessThan(1e-3);
    assertThat(errors.of(trace.apply(streams), trace.apply(plain))).isLessThan(1e-3);
  }

  /** A step so small that the stencil is the Hessian's own quadratic form. */
  @Test
  void theStencilTendsToTheHessian() {
    Evaluation streams = Evaluation.streams(Precision.FP32);
    CurvatureEstimator stencil = new ZeroOrder(1e-5, 1, 3, BATCH, streams);
    byte[] v = new byte[SIDE * SIDE * 3];
    byte[] u = new byte[v.length];
    ((ZeroOrder) stencil).directions(5, 0, v, u);
    try (Backend host = HostBackend.create();
        Backend reference = ReferenceBackend.onAllCores()) {
      double score = errors.curvature(host, stencil)[0] / 1e-5;
      try (Weights weights = Goldens.weights(model, reference);
          Classifier classifier = Classifier.of(model, weights);
          Scope scope = Scope.open()) {
        Shape one = Shape.of(1, SIDE, SIDE, 3);
        Tensor x = Tensor.of(reference, one, Goldens.images("x", 1, SIDE));
        Tensor product =
            Autodiff.hvp(
                    z -> CrossEntropy.crossEntropy(classifier.logits(z), 3).sum(), x,
                    Tensor.of(reference, one, doubles(v)))
                .product();
        double form = product.mul(Tensor.of(reference, one, doubles(u))).sum().item();
        assertThat(score / Math.abs(form)).isBetween(0.999, 1.001);
      }
    }
  }

  private static double[] doubles(byte[] signs) {
    double[] values = new double[signs.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = signs[i];
    }
    return values;
  }

  @Test
  void theExactHessianIsRefused() {
    try (Backend host = HostBackend.create()) {
      assertThatThrownBy(() -> errors.curvature(host, new ExactCurvature(BATCH)))
          .hasMessageContaining("expected a piecewise linear network, got one with a smooth op");
    }
  }
}
