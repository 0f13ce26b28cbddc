package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The zero-order score against closed forms, plain loops and its own documentation. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class ZeroOrderTest {
  private static final int D = Networks.DIMENSION;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
    assertThat(Scope.isOpen()).isFalse();
  }

  /** On a quadratic loss t = 4·vᵀAu without error, at any h. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.1})
  void exactOnAQuadratic(double h) {
    ZeroOrder estimator = new ZeroOrder(h, 5, 11, 16, Evaluation.plain());
    Samples samples = Networks.samples(3);
    double[] a = Networks.symmetric();
    Estimate estimate = estimator.estimate(Networks.quadratic(a), backend, samples);
    for (int s = 0; s < samples.count(); s++) {
      double sum = 0;
      for (int trial = 0; trial < 5; trial++) {
        byte[] v = new byte[D];
        byte[] u = new byte[D];
        estimator.directions(samples.ids()[s], trial, v, u);
        sum += h * Math.abs(Networks.form(v, a, u));
      }
      assertThat(estimate.curvature()[s]).isCloseTo(sum / 5, within(1e-13 / h));
    }
  }

  /** Kinks, a bend and several classes: the same stencil by plain loops in float64. */
  @Test
  void equalsTheStencilByPlainLoops() {
    Samples samples = Networks.samples(4);
    double h = 0.05;
    ZeroOrder estimator = new ZeroOrder(h, 3, 5, 8, Evaluation.plain());
    Logits network = x -> Networks.linear().logits(x.relu().add(x.tanh()));
    Estimate estimate = estimator.estimate(network, backend, samples);
    for (int s = 0; s < samples.count(); s++) {
      double[] x = Networks.point(samples, s);
      double sum = 0;
      for (int trial = 0; trial < 3; trial++) {
        byte[] v = new byte[D];
        byte[] u = new byte[D];
        estimator.directions(samples.ids()[s], trial, v, u);
        sum += Math.abs(loss(x, h, v, 1, u, 1) - loss(x, h, v, -1, u, 1)
            - loss(x, h, v, 1, u, -1) + loss(x, h, v, -1, u, -1)) / (4 * h);
      }
      Tolerance.checkNear("score " + s, estimate.curvature()[s], sum / 3, 1e-12);
      Tolerance.checkNear("loss " + s, estimate.loss()[s], loss(x, 0, null, 0, null, 0), 1e-14);
    }
    try (Scope scope = Scope.open()) {
      assertThat(scope.size()).isZero();
      double[] logits = network.logits(samples.upload(backend)).toDoubles();
      assertThat(estimate.logits()).isEqualTo(logits);
    }
  }

  private static double loss(double[] at, double h, byte[] v, int a, byte[] u, int b) {
    double[] w = Networks.weights();
    double[] f = new double[Networks.CLASSES];
    for (int i = 0; i < D; i++) {
      double x = h == 0 ? at[i] : at[i] + h * (a * v[i] + b * u[i]);
      for (int k = 0; k < f.length; k++) {
        f[k] += (Math.max(x, 0) + Math.tanh(x)) * w[i * f.length + k];
      }
    }
    double sum = 0;
    for (double value : f) {
      sum += Math.exp(value);
    }
    return Math.log(sum) - f[1];
  }

  @Test
  void neitherBatchNorCompanyChangesTheResult() {
    Samples samples = Networks.samples(5);
    double[] expected =
        new ZeroOrder(1e-2, 3, 5, 4, Evaluation.plain()).estimate(Networks.linear(), backend, samples).curvature();
    for (int batch : new int[] {5, 8, 23, 60, 1000}) {
      ZeroOrder estimator = new ZeroOrder(1e-2, 3, 5, batch, Evaluation.plain());
      assertThat(estimator.estimate(Networks.linear(), backend, samples).curvature())
          .containsExactly(expected);
      assertThat(
              estimator.estimate(Networks.linear(), backend, Networks.only(samples, 3)).curvature())
          .containsExactly(expected[3]);
    }
  }

  @Test
  void asksFourNPlusOneQueriesInBatchesNoLargerThanAllowed() {
    List<Integer> asked = new ArrayList<>();
    Logits counting =
        x -> {
          asked.add(x.shape().dim(0));
          return Networks.linear().logits(x);
        };
    new ZeroOrder(1e-2, 10, 5, 30, Evaluation.plain()).estimate(counting, backend, Networks.samples(3));
    assertThat(asked).allMatch(points -> points <= 30);
    assertThat(asked.stream().mapToInt(Integer::intValue).sum()).isEqualTo(3 * 41);
    assertThat(asked).hasSize(1 + 5);
  }

  @Test
  void directionsAreTheDocumentedStreams() {
    ZeroOrder estimator = new ZeroOrder(1e-3, 10, 42, 16, Evaluation.plain());
    byte[] v = new byte[300];
    byte[] u = new byte[300];
    estimator.directions(77, 9, v, u);
    byte[] expected = new byte[300];
    Philox philox = new Philox(42);
    philox.rademacher(Philox.stream(8, (77L << 24) + 18), expected);
    assertThat(v).isEqualTo(expected);
    philox.rademacher(Philox.stream(8, (77L << 24) + 19), expected);
    assertThat(u).isEqualTo(expected);
  }

  @Test
  void standardErrorIsTheSpreadOfTheTrials() {
    Samples samples = Networks.samples(1);
    double[] trials = new double[2];
    double[] a = Networks.symmetric();
    ZeroOrder estimator = new ZeroOrder(1, 2, 6, 8, Evaluation.plain());
    for (int trial = 0; trial < 2; trial++) {
      byte[] v = new byte[D];
      byte[] u = new byte[D];
      estimator.directions(samples.ids()[0], trial, v, u);
      trials[trial] = Math.abs(Networks.form(v, a, u));
    }
    Estimate estimate = estimator.estimate(Networks.quadratic(a), backend, samples);
    Tolerance.checkNear(
        "error", estimate.standardError()[0], Math.abs(trials[0] - trials[1]) / 2, 1e-12);
    assertThat(
            new ZeroOrder(1, 1, 6, 8, Evaluation.plain())
                .estimate(Networks.quadratic(a), backend, samples).standardError()[0])
        .isNaN();
  }

  @Test
  void noSamplesGiveNoScores() {
    Estimate estimate =
        new ZeroOrder(1, 2, 6, 8, Evaluation.plain()).estimate(Networks.linear(), backend, Networks.samples(0));
    assertThat(estimate.curvature()).isEmpty();
    assertThat(estimate.logits()).isEmpty();
  }

  @Test
  void failureOfTheNetworkFreesEverything() {
    Logits broken =
        x -> {
          Tensor logits = Networks.linear().logits(x);
          if (x.shape().dim(0) == 8) {
            throw new IllegalStateException("network down");
          }
          return logits;
        };
    assertThatThrownBy(
            () -> new ZeroOrder(1, 4, 6, 8, Evaluation.plain()).estimate(broken, backend, Networks.samples(3)))
        .hasMessage("network down");
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new ZeroOrder(0, 1, 1, 4, Evaluation.plain())).hasMessageContainingAll("h > 0", "0.0");
    assertThatThrownBy(() -> new ZeroOrder(Double.NaN, 1, 1, 4, Evaluation.plain())).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new ZeroOrder(1, 0, 1, 4, Evaluation.plain())).hasMessageContainingAll("n in 1", "0");
    assertThatThrownBy(() -> new ZeroOrder(1, 1, 1, 3, Evaluation.plain())).hasMessageContainingAll("at least 4", "3");
    assertThatThrownBy(() -> new Samples(new float[5], Shape.of(3), new int[2], new long[2]))
        .hasMessageContainingAll("samples:", "[3]", "5");
    Samples negative = new Samples(new float[D], Shape.of(D), new int[1], new long[] {-1});
    assertThatThrownBy(
            () -> new ZeroOrder(1, 1, 1, 4, Evaluation.plain()).estimate(Networks.linear(), backend, negative))
        .hasMessageContainingAll("ids", "-1");
  }
}
