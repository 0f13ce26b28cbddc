package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Zero-order stencils by difference streams, and what shares their rounds. */
class StreamsTest {
  private static final double H = 1e-3;
  private static final Evaluation FP32 = Evaluation.streams(Precision.FP32);

  static Stream<Arguments> precisionsOnBackends() {
    return Backends.float32()
        .flatMap(
            backend ->
                Stream.of(Precision.FP32, Precision.TF32, Precision.BF16)
                    .map(precision -> Arguments.of(backend, precision)));
  }

  /**
   * Median relative error against the same stencil by subtraction in float64. The limits are those
   * of a trained ResNet-18 at this step: half a rounding unit of the products' operands a layer,
   * averaged over thousands of terms, and now and then a kink on the other side.
   */
  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("precisionsOnBackends")
  void lowPrecisionKeepsTheScore(Backends.Candidate candidate, Precision precision) {
    SmallResNet network = new SmallResNet(8);
    double[] expected =
        scores(network, new ReferenceBackend(), new ZeroOrder(H, 4, 7, 64, Evaluation.plain()));
    try (Backend backend = candidate.open()) {
      assumeTrue(
          backend.supports(precision), () -> backend.name() + " has no " + precision);
    }
    double[] actual =
        scores(
            network, candidate.open(),
            new ZeroOrder(H, 4, 7, 64, Evaluation.streams(precision)));
    double limit = precision == Precision.FP32 ? 5e-4 : precision == Precision.TF32 ? 5e-3 : 2e-2;
    assertThat(medianError(actual, expected)).isLessThan(limit);
  }

  @Test
  void traceConsistentStencilTakesHutchinsonsDirections() {
    Samples samples = Networks.samples(3);
    try (Backend backend = new ReferenceBackend()) {
      double[] a = Networks.symmetric();
      double[] plain =
          new ZeroOrderTrace(1e-2, 6, 3, 8, Evaluation.plain())
              .estimate(Networks.quadratic(a), backend, samples)
              .curvature();
      double[] probes =
          new Hutchinson(6, 3, 8).estimate(Networks.quadratic(a), backend, samples).curvature();
      for (int s = 0; s < plain.length; s++) {
        assertThat(plain[s]).isCloseTo(probes[s], within(1e-8));
      }
      double[] streams =
          new ZeroOrderTrace(1e-4, 6, 3, 8, FP32)
              .estimate(Networks.linear(), backend, samples)
              .curvature();
      double[] smooth =
          new Hutchinson(6, 3, 8).estimate(Networks.linear(), backend, samples).curvature();
      for (int s = 0; s < plain.length; s++) {
        assertThat(streams[s]).isCloseTo(smooth[s], within(1e-6 * smooth[s]));
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void neitherBatchNorCompanyChangesAScore() {
    Samples samples = Networks.samples(5);
    Logits network = x -> Networks.linear().logits(x.relu());
    try (Backend backend = new ReferenceBackend()) {
      double[] expected =
          new ZeroOrder(0.3, 7, 5, 2 * 5 * 7, FP32)
              .estimate(network, backend, samples)
              .curvature();
      double[] plain =
          new ZeroOrder(0.3, 7, 5, 16, Evaluation.plain())
              .estimate(network, backend, samples)
              .curvature();
      for (int s = 0; s < plain.length; s++) {
        assertThat(expected[s]).isCloseTo(plain[s], within(1e-12));
      }
      for (int batch : new int[] {4, 6, 30, 1000}) {
        ZeroOrder estimator = new ZeroOrder(0.3, 7, 5, batch, FP32);
        assertThat(estimator.estimate(network, backend, samples).curvature())
            .containsExactly(expected);
        assertThat(estimator.estimate(network, backend, Networks.only(samples, 3)).curvature())
            .containsExactly(expected[3]);
      }
    }
  }

  /** The peak is the batch's, whatever the number of trials. */
  @Test
  void memoryDoesNotGrowWithTheTrials() {
    SmallResNet network = new SmallResNet(6);
    for (Function<Integer, CurvatureEstimator> estimator :
        Arrays.<Function<Integer, CurvatureEstimator>>asList(
            n -> new ZeroOrder(H, n, 1, 16, FP32),
            n -> new Hutchinson(n, 1, 8),
            n -> new GradientDifference(H, n, 1, 8, false))) {
      assertThat(peak(network, estimator.apply(40))).isEqualTo(peak(network, estimator.apply(4)));
    }
  }

  /** On ℓ = 60 + xᵀAx/2 + …, ∇ℓ(x + hv) − ∇ℓ(x) = hAv. */
  @Test
  void gradientDifferencesAreThoseOfAQuadratic() {
    Samples samples = Networks.samples(2);
    int d = Networks.DIMENSION;
    double[] a = Networks.diagonal();
    double squares = 0;
    for (int i = 1; i <= d; i++) {
      squares += i * i;
    }
    try (Backend backend = new ReferenceBackend()) {
      Logits network = Networks.quadratic(a);
      Estimate squared =
          new GradientDifference(1e-2, 3, 1, 4, true).estimate(network, backend, samples);
      Estimate root =
          new GradientDifference(1e-2, 3, 1, 4, false).estimate(network, backend, samples);
      for (int s = 0; s < samples.count(); s++) {
        assertThat(squared.curvature()[s]).isCloseTo(squares, within(1e-9));
        assertThat(root.curvature()[s]).isCloseTo(Math.sqrt(squares), within(1e-9));
      }
    }
  }

  @Test
  void hutchinsonOfARectifiedNetworkIsWithinItsErrorOfTheTrace() {
    SmallResNet network = new SmallResNet(3);
    try (Backend backend = HostBackend.create()) {
      network.on(
          backend,
          logits -> {
            double[] exact =
                new ExactCurvature(3).estimate(logits, backend, network.samples()).curvature();
            Estimate estimate =
                new Hutchinson(400, 2, 96).estimate(logits, backend, network.samples());
            for (int s = 0; s < exact.length; s++) {
              assertThat(estimate.curvature()[s])
                  .isCloseTo(exact[s], within(3 * estimate.standardError()[s]));
              assertThat(estimate.standardError()[s]).isLessThan(0.1 * exact[s]);
            }
            return null;
          });
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    try (Backend backend = new ReferenceBackend()) {
      assertThatThrownBy(
              () ->
                  new ZeroOrder(H, 1, 1, 4, Evaluation.streams(Precision.BF16))
                      .estimate(Networks.linear(), backend, Networks.samples(1)))
          .hasMessageContainingAll("zero-order", "reference", "bf16");
      assertThatThrownBy(
              () ->
                  new ZeroOrder(H, 1, 1, 4, FP32)
                      .estimate(
                          x -> Networks.linear().logits(x.exp().log()), backend,
                          Networks.samples(1)))
          .hasMessageContaining("no stencil rule for op 'log'");
      assertThat(backend.liveBytes()).isZero();
    }
    assertThatThrownBy(() -> Evaluation.streams(null)).hasMessageContaining("precision");
    assertThatThrownBy(() -> new ZeroOrderTrace(-1, 1, 1, 4, FP32)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> new GradientDifference(0, 1, 1, 4, true)).hasMessageContaining("0.0");
  }

  private static long peak(SmallResNet network, CurvatureEstimator estimator) {
    try (Backend backend = new ReferenceBackend()) {
      return network.on(
          backend,
          logits -> {
            backend.resetPeak();
            estimator.estimate(logits, backend, network.samples());
            return backend.peakBytes();
          });
    }
  }

  private static double[] scores(
      SmallResNet network, Backend opened, CurvatureEstimator estimator) {
    try (Backend backend = opened) {
      double[] scores =
          network.on(
              backend,
              logits -> estimator.estimate(logits, backend, network.samples()).curvature());
      assertThat(backend.liveBytes()).isZero();
      return scores;
    }
  }

  private static double medianError(double[] actual, double[] expected) {
    double[] errors = new double[actual.length];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = Math.abs(actual[i] - expected[i]) / expected[i];
    }
    Arrays.sort(errors);
    return errors[errors.length / 2];
  }
}
