package io.sagitta.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Stem;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Sgd;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ten training losses and what they leave behind, against PyTorch in float64. */
@SuppressWarnings("try")
class TrainingGoldensTest {
  private record Case(String name, ModelSpec spec, int batch, int size) {}

  private static final Case RESNET8 = new Case("resnet8", ModelSpec.of("resnet8", 10, 16), 32, 32);
  private static final Case RESNET8_NARROW =
      new Case("resnet8-narrow", ModelSpec.of("resnet8", 10, 4), 8, 12);
  private static final Case RESNET18_NARROW =
      new Case("resnet18-narrow", ModelSpec.of("resnet18", 5, 2).with(Stem.IMAGENET), 8, 40);
  private static final Case VGG11_NARROW =
      new Case("vgg11-narrow", ModelSpec.of("vgg11", 5, 2), 8, 32);
  private static final Case VIT_TINY_NARROW =
      new Case("vit-tiny-narrow", ModelSpec.of("vit-tiny", 5, 6), 4, 32);

  @Test
  void referenceAgreesToTheLastDigits() {
    try (Backend backend = new ReferenceBackend()) {
      check(backend, RESNET8_NARROW, 1e-9);
      check(backend, RESNET18_NARROW, 1e-9);
      check(backend, VGG11_NARROW, 1e-9);
      check(backend, VIT_TINY_NARROW, 1e-9);
    }
  }

  static Stream<Backends.Candidate> float32() {
    return Backends.float32();
  }

  @ParameterizedTest
  @MethodSource("float32")
  void everyBackendAgreesInFloat32(Backends.Candidate candidate) {
    try (Backend backend = candidate.open()) {
      check(backend, RESNET8_NARROW, 1e-5);
    }
  }

  /**
   * The bound is the project's promise for parity; PyTorch's own float32 is 2e-5 off. From the
   * seventh step of resnet8 on an activation is so close to zero that rounding decides its
   * rectifier: of the orders of summation that were tried (plain Java; oneDNN in a share for each
   * of 1, 2, 4 and 8 threads, and in shares by size) all but one leave bn1.bias 1.1e-3 to 1.4e-3
   * off, and losses at most 2e-5. So the state has a bound of its own.
   */
  @Test
  void hostAgreesInFloat32() {
    try (Backend backend = HostBackend.create()) {
      check(backend, RESNET8, 1e-4, 2e-3);
      check(backend, VGG11_NARROW, 1e-4);
      check(backend, VIT_TINY_NARROW, 1e-5);
    }
  }

  private static void check(Backend backend, Case golden, double tolerance) {
    check(backend, golden, tolerance, 10 * tolerance);
  }

  private static void check(
      Backend backend, Case golden, double tolerance, double stateTolerance) {
    String file = "training-" + golden.name() + ".safetensors";
    double[] expected = Goldens.doubles(file, "losses");
    Model model = Models.create(golden.spec());
    try (Weights weights = Goldens.weights(model, backend);
        Sgd sgd = new Sgd(weights.trainable(), 0.9, 1e-4, false);
        TrainStep step = new TrainStep(weights, sgd, Precision.FP32)) {
      for (int i = 0; i < expected.length; i++) {
        double loss = loss(step, backend, golden, i);
        assertThat(Math.abs(loss / expected[i] - 1))
            .as("relative error of loss %d of %s", i, golden.name())
            .isLessThan(tolerance);
      }
      Set<String> kept = Safetensors.read(Goldens.path(file)).entries().keySet();
      assertThat(kept).hasSizeGreaterThan(4);
      for (String name : kept) {
        if (name.equals("losses")) {
          continue;
        }
        double[] state = Goldens.doubles(file, name);
        assertThat(Goldens.relativeError(weights.get(name).toDoubles(), state))
            .as("relative error of %s of %s", name, golden.name())
            .isLessThan(stateTolerance);
      }
      assertThat(weights.batchesTracked()).isEqualTo(expected.length);
    }
    assertThat(backend.liveBytes()).isZero();
  }

  private static double loss(TrainStep step, Backend backend, Case golden, int number) {
    int n = golden.batch();
    try (Scope scope = Scope.open()) {
      float[] pixels = Goldens.images(golden.name() + ".images." + number, n, golden.size());
      Tensor images = Tensor.of(backend, Shape.of(n, golden.size(), golden.size(), 3), pixels);
      int[] labels =
          Goldens.labels(golden.name() + ".labels." + number, n, golden.spec().classes());
      return step.run(images, labels, 0.1).loss();
    }
  }
}
