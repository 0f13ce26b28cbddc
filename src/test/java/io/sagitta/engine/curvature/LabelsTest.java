package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A label that names no class, which may be the next sample's logit in memory, is refused. */
class LabelsTest {
  static List<CurvatureEstimator> estimators() {
    Evaluation plain = Evaluation.plain();
    Evaluation streams = Evaluation.streams(Precision.FP32);
    return List.of(
        new Hutchinson(2, 1, 8), new HutchPlusPlus(2, 2, 1, 8), new ExactCurvature(8),
        new GradientDifference(1e-3, 2, 1, 8, false), new ZeroOrder(1e-3, 2, 1, 8, plain),
        new ZeroOrder(1e-3, 2, 1, 8, streams), new ZeroOrderTrace(1e-3, 2, 1, 8, plain),
        new ZeroOrderTrace(1e-3, 2, 1, 8, streams),
        new UntilPrecise(new Hutchinson(2, 1, 8), 0.1));
  }

  @ParameterizedTest
  @MethodSource("estimators")
  void labelsOfNoClassAreRefused(CurvatureEstimator estimator) {
    Samples samples = Networks.samples(3);
    try (Backend backend = HostBackend.create()) {
      for (int label : new int[] {-1, Networks.CLASSES}) {
        Samples wrong =
            new Samples(
                samples.inputs(), samples.shape(), new int[] {1, label, 1}, samples.ids());
        assertThatThrownBy(() -> estimator.estimate(Networks.linear(), backend, wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("label[1] = " + label, "0..2");
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void productsRefuseThemToo() {
    Shape batch = Shape.of(1, Networks.DIMENSION);
    try (Backend backend = HostBackend.create();
        Scope scope = Scope.open();
        HessianProducts products = HessianProducts.of(Networks.linear(), backend, batch)) {
      DenseTensor point = DenseTensor.allocate(backend, batch);
      assertThatThrownBy(() -> products.at(point, new int[] {Networks.CLASSES}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("label[0] = 3", "0..2");
    }
  }
}
