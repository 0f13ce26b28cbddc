package io.sagitta.nn.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.layers.Pass;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@SuppressWarnings("try")
class ClassifierTest {
  private final Model model = Models.create(ModelSpec.of("resnet8", 10, 2));

  @Test
  void keepsItsNumbersWhenTheWeightsChangeOrGo() {
    try (Backend backend = new ReferenceBackend()) {
      Weights weights = Goldens.weights(model, backend);
      try (Classifier classifier = Classifier.of(model, weights)) {
        float[] images = Goldens.images("x", 1, 8);
        double[] before = classifier.logits(images, 1, 8, 8);
        weights.tensors().values().forEach(t -> backend.fill(t.buffer(), 3));
        assertThat(classifier.logits(images, 1, 8, 8)).containsExactly(before);
        weights.close();
        assertThat(classifier.logits(images, 1, 8, 8)).containsExactly(before);
        assertThat(classifier.spec()).isEqualTo(model.spec());
        assertThat(classifier.backend()).isSameAs(backend);
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void answersEachImageAlikeWhateverTheBatch() {
    try (Backend backend = new ReferenceBackend();
        Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      float[] images = Goldens.images("x", 3, 8);
      double[] all = classifier.logits(images, 3, 8, 8);
      float[] last = Arrays.copyOfRange(images, 2 * 192, 3 * 192);
      assertThat(classifier.logits(last, 1, 8, 8))
          .containsExactly(Arrays.copyOfRange(all, 20, 30));
    }
  }

  /** No sample of a batch has to do with another, attention's least of all. */
  @ParameterizedTest
  @MethodSource("networks")
  void answersEachImageAlike(SmallNetworks.Small small) {
    Model each = Models.create(small.spec());
    int side = small.side();
    try (Backend backend = HostBackend.create();
        Weights weights = Goldens.weights(each, backend);
        Classifier classifier = Classifier.of(each, weights)) {
      float[] images = Goldens.images("x", 3, side);
      double[] all = classifier.logits(images, 3, side, side);
      float[] last = Arrays.copyOfRange(images, 2 * side * side * 3, 3 * side * side * 3);
      double[] alone = classifier.logits(last, 1, side, side);
      assertThat(Goldens.relativeError(alone, Arrays.copyOfRange(all, 10, 15))).isLessThan(1e-5);
    }
  }

  static List<SmallNetworks.Small> networks() {
    return SmallNetworks.of(5);
  }

  /** A query's memory is that of one block's tensors, not of the whole network's. */
  @Test
  void freesEachBlockAsItGoes() {
    Model deep = Models.create(ModelSpec.of("resnet56", 10, 4));
    try (Backend backend = HostBackend.create();
        Weights weights = Weights.initialize(deep, backend, 0);
        Classifier classifier = Classifier.of(deep, weights);
        Scope scope = Scope.open()) {
      Tensor x = Tensor.of(backend, Shape.of(4, 16, 16, 3), Goldens.images("x", 4, 16));
      long before = backend.liveBytes();
      backend.resetPeak();
      Tensor logits = classifier.logits(x);
      long stageTensor = 4 * 16 * 16 * 4 * Float.BYTES;
      assertThat(backend.peakBytes() - before).isBetween(2 * stageTensor, 4 * stageTensor + 4096);
      assertThat(backend.liveBytes() - before).isLessThan(stageTensor);
      assertThat(logits.shape()).isEqualTo(Shape.of(4, 10));
      Tensor unfolded = deep.forward(Pass.eval(weights.tensors()), x);
      assertThat(Goldens.relativeError(logits.toDoubles(), unfolded.toDoubles())).isLessThan(1e-5);
    }
  }
}
