package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The exact Hessian of rectified networks against the dense one of eager autodiff in float64. */
class ExactCurvatureTest {
  static Stream<Backends.Candidate> backends() {
    return Backends.float32();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void traceIsThatOfTheDenseHessian(Backends.Candidate candidate) {
    SmallResNet network = new SmallResNet(3);
    double[][] dense = network.denseHessians();
    try (Backend backend = candidate.open()) {
      Estimate estimate =
          network.on(backend, logits -> new ExactCurvature(2).estimate(
              logits, backend, network.samples()));
      for (int s = 0; s < dense.length; s++) {
        double trace = CommonOps_DDRM.trace(matrix(dense[s]));
        assertThat(trace).isPositive();
        assertThat(estimate.curvature()[s]).isCloseTo(trace, within(1e-4 * trace));
        assertThat(estimate.standardError()[s]).isZero();
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void spectrumIsThatOfTheDenseHessian() {
    SmallResNet network = new SmallResNet(2);
    double[][] dense = network.denseHessians();
    try (Backend backend = new ReferenceBackend()) {
      List<InputSpectrum> spectra =
          network.on(backend, logits -> new ExactCurvature(3).spectra(
              logits, backend, network.samples()));
      for (int s = 0; s < dense.length; s++) {
        DMatrixRMaj hessian = matrix(dense[s]);
        InputSpectrum spectrum = spectra.get(s);
        double greatest = spectrum.eigenvalues()[0];
        double tolerance = 1e-6 * greatest;
        assertThat(spectrum.trace()).isCloseTo(CommonOps_DDRM.trace(hessian), within(tolerance));
        assertThat(spectrum.frobenius()).isCloseTo(NormOps_DDRM.normF(hessian), within(tolerance));
        double[] expected = descendingEigenvalues(hessian.copy());
        assertThat(spectrum.eigenvalues()).hasSize(SmallResNet.CLASSES - 1);
        for (int k = 0; k < SmallResNet.CLASSES - 1; k++) {
          assertThat(spectrum.eigenvalues()[k]).isCloseTo(expected[k], within(tolerance));
        }
        DMatrixRMaj top = new DMatrixRMaj(spectrum.top());
        DMatrixRMaj image = new DMatrixRMaj(spectrum.top().length, 1);
        CommonOps_DDRM.mult(hessian, top, image);
        CommonOps_DDRM.addEquals(image, -greatest, top);
        assertThat(NormOps_DDRM.normF(top)).isCloseTo(1, within(1e-5));
        assertThat(NormOps_DDRM.normF(image)).isLessThan(1e-5 * greatest);
      }
    }
  }

  /** Closed form: W(diag(p) − ppᵀ)Wᵀ. */
  @Test
  void linearModelsHaveTheirClosedForm() {
    Samples samples = Networks.samples(5);
    try (Backend backend = new ReferenceBackend()) {
      for (int batch : new int[] {1, 3, 8}) {
        Estimate estimate =
            new ExactCurvature(batch).estimate(Networks.linear(), backend, samples);
        for (int s = 0; s < samples.count(); s++) {
          double[] hessian = Networks.linearHessian(Networks.point(samples, s));
          assertThat(estimate.curvature()[s]).isCloseTo(CommonOps_DDRM.trace(matrix(hessian)), within(1e-6));
        }
      }
      assertThat(new ExactCurvature(2).spectra(Networks.linear(), backend, Networks.samples(0)))
          .isEmpty();
    }
  }

  /** Probabilities of many sizes, from the nine tenths of one class to less than 1e-9. */
  @Test
  void negligibleClassesMissNoMoreThanTheirSpread() {
    int classes = 24;
    double[] weights = new Random(6).doubles(Networks.DIMENSION * classes, -1, 1).toArray();
    double[] bias = IntStream.range(0, classes).mapToDouble(k -> -0.9 * k).toArray();
    try (Backend backend = new ReferenceBackend()) {
      Logits logits =
          x ->
              x.matmul(Tensor.of(backend, Shape.of(Networks.DIMENSION, classes), weights))
                  .add(Tensor.of(backend, Shape.of(classes), bias));
      Samples samples = Networks.samples(6);
      Estimate whole = new ExactCurvature(3).estimate(logits, backend, samples);
      for (double negligible : new double[] {1e-6, 1e-3, 0.1}) {
        ExactCurvature exact = new ExactCurvature(4, negligible);
        List<InputSpectrum> spectra = new ArrayList<>();
        Estimate cut = exact.estimate(logits, backend, samples, spectra);
        double missing = 0;
        double estimated = 0;
        for (int s = 0; s < samples.count(); s++) {
          double lacking = whole.curvature()[s] - cut.curvature()[s];
          // |d_k − d̄|² is at most the squared diameter of weights in [−1, 1].
          assertThat(lacking).isBetween(0.0, negligible * 4 * Networks.DIMENSION);
          missing += lacking;
          estimated += cut.standardError()[s];
          double[] eigenvalues = spectra.get(s).eigenvalues();
          assertThat(eigenvalues).hasSize(classes - 1).endsWith(0);
          assertThat(Arrays.stream(eigenvalues).sum())
              .isCloseTo(cut.curvature()[s], withinPercentage(1e-6));
        }
        assertThat(missing).isPositive();
        assertThat(estimated).isBetween(missing / 4, missing * 4);
      }
      assertThat(new ExactCurvature(3, 0).estimate(logits, backend, samples).standardError())
          .containsOnly(0);
    }
    assertThatThrownBy(() -> new ExactCurvature(3, 1))
        .hasMessageContainingAll("exact", "negligible", "[0, 1)", "1.0");
  }

  @Test
  void ofASingleClassNothingIsCurved() {
    Samples three = Networks.samples(2);
    Samples samples = new Samples(three.inputs(), three.shape(), new int[2], three.ids());
    try (Backend backend = new ReferenceBackend()) {
      List<InputSpectrum> spectra =
          new ExactCurvature(2)
              .spectra(x -> Networks.linear().logits(x).slice(1, 0, 1), backend, samples);
      for (InputSpectrum spectrum : spectra) {
        assertThat(spectrum.eigenvalues()).isEmpty();
        assertThat(spectrum.trace()).isZero();
        assertThat(spectrum.top()).containsExactly(new double[Networks.DIMENSION]);
      }
      assertThat(spectra).hasSize(2);
    }
  }

  @Test
  void smoothNetworksAreRefused() {
    try (Backend backend = new ReferenceBackend()) {
      Logits smooth = x -> Networks.linear().logits(x.tanh());
      assertThatThrownBy(
              () -> new ExactCurvature(2).estimate(smooth, backend, Networks.samples(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("exact:", "piecewise linear", "hutchinson");
      assertThat(backend.liveBytes()).isZero();
    }
    assertThatThrownBy(() -> new ExactCurvature(0)).hasMessageContainingAll("exact", "batch", "0");
  }

  private static double[] descendingEigenvalues(DMatrixRMaj symmetric) {
    EigenDecomposition_F64<DMatrixRMaj> eigen =
        DecompositionFactory_DDRM.eig(symmetric.numRows, false, true);
    assertThat(eigen.decompose(symmetric)).isTrue();
    return IntStream.range(0, eigen.getNumberOfEigenvalues())
        .mapToDouble(i -> -eigen.getEigenvalue(i).getReal())
        .sorted()
        .map(value -> -value)
        .toArray();
  }

  private static DMatrixRMaj matrix(double[] square) {
    int n = (int) Math.round(Math.sqrt(square.length));
    return DMatrixRMaj.wrap(n, n, square);
  }
}
