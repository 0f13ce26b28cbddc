package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Shape;
import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.ExactCurvature;
import io.sagitta.engine.curvature.Hutchinson;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.nn.layers.ChannelNorm;
import io.sagitta.nn.layers.ParameterSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A residual network as private training has it: its names, and curvature of it. */
class GroupNormNetworkTest {
  private static final int SIDE = 16;
  private static final int BATCH = 8;

  private final ModelSpec batchNorm = ModelSpec.of("resnet8", 4, 20);
  private final Model model = Models.create(batchNorm.withoutBatchNorm());
  private final Samples samples =
      new Samples(
          Goldens.images("x", 2, SIDE), Shape.of(SIDE, SIDE, 3), new int[] {3, 1},
          new long[] {5, 6});
  private final CurvatureErrors errors = new CurvatureErrors(model, samples);

  @Test
  void parametersKeepTheirNamesAndStatisticsAreGone() {
    List<ParameterSpec> expected =
        Models.create(batchNorm).parameters(ParameterSpec.Kind.TRAINABLE);
    assertThat(model.parameters()).isEqualTo(expected);
    assertThat(model.spec().hasBatchNorm()).isFalse();
    assertThat(ModelSpec.of(model.spec().metadata())).isEqualTo(model.spec());
    assertThat(ModelSpec.of(batchNorm.metadata()).norm()).isEqualTo(ChannelNorm.BATCH);
    ModelSpec lenet = ModelSpec.of("lenet5", 4, 3);
    assertThat(lenet.withoutBatchNorm()).isEqualTo(lenet);
  }

  @Test
  void probesOfTheHessian() {
    CurvatureEstimator hutchinson = new Hutchinson(2, 7, BATCH);
    assertThat(errors.of(hutchinson, hutchinson)).isLessThan(1e-4);
  }

  @Test
  void streamsAgainstPlainQueriesInFloat64() {
    CurvatureEstimator streams =
        new ZeroOrder(1e-3, 2, 3, BATCH, Evaluation.streams(Precision.FP32));
    CurvatureEstimator plain = new ZeroOrder(1e-3, 2, 3, BATCH, Evaluation.plain());
    assertThat(errors.of(streams, plain)).isLessThan(2e-3);
  }

  /** The wider the step, the less it matters which kinks rounding of the base pass moves into it. */
  @Test
  void streamsAgainstStreamsInFloat64() {
    CurvatureEstimator streams =
        new ZeroOrder(1e-2, 2, 3, BATCH, Evaluation.streams(Precision.FP32));
    assertThat(errors.of(streams, streams)).isLessThan(1e-4);
  }

  @Test
  void theExactHessianIsRefused() {
    try (Backend host = HostBackend.create()) {
      assertThatThrownBy(() -> errors.curvature(host, new ExactCurvature(BATCH)))
          .hasMessageContaining("expected a piecewise linear network, got one with a smooth op");
    }
  }
}
