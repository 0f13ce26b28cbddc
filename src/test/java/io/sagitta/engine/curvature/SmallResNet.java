package io.sagitta.engine.curvature;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Goldens;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A ResNet-8 of width 4 on images of 8×8, with random weights and batch statistics. */
final class SmallResNet {
  static final int CLASSES = 5;

  private static final int SIDE = 8;
  private static final int ELEMENTS = 3 * SIDE * SIDE;

  private final Model model = Models.create(ModelSpec.of("resnet8", CLASSES, 4));
  private final Samples samples;

  SmallResNet(int count) {
    float[] inputs = Goldens.images("x", count, SIDE);
    int[] labels = IntStream.range(0, count).map(s -> s % CLASSES).toArray();
    long[] ids = IntStream.range(0, count).asLongStream().toArray();
    this.samples = new Samples(inputs, Shape.of(SIDE, SIDE, 3), labels, ids);
  }

  Samples samples() {
    return samples;
  }

  <T> T on(Backend backend, Function<Logits, T> work) {
    try (Weights weights = Goldens.weights(model, backend);
        Classifier classifier = Classifier.of(model, weights)) {
      return work.apply(classifier::logits);
    }
  }

  /** Each sample's Hessian [D, D] in float64, column by column. */
  double[][] denseHessians() {
    try (Backend backend = new ReferenceBackend()) {
      return on(
          backend,
          logits ->
              IntStream.range(0, samples.count())
                  .mapToObj(s -> denseHessian(logits, backend, s))
                  .toArray(double[][]::new));
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private double[] denseHessian(Logits logits, Backend backend, int sample) {
    Shape all = Shape.of(ELEMENTS, SIDE, SIDE, 3);
    double[] repeated = new double[ELEMENTS * ELEMENTS];
    double[] identity = new double[ELEMENTS * ELEMENTS];
    int[] labels = new int[ELEMENTS];
    Arrays.fill(labels, samples.labels()[sample]);
    for (int i = 0; i < ELEMENTS; i++) {
      identity[i * ELEMENTS + i] = 1;
      for (int j = 0; j < ELEMENTS; j++) {
        repeated[i * ELEMENTS + j] = samples.inputs()[sample * ELEMENTS + j];
      }
    }
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(backend, all, repeated);
      Tensor v = Tensor.of(backend, all, identity);
      return Autodiff.hvp(
              z -> CrossEntropy.crossEntropy(logits.logits(z), labels).sum(), x, v)
          .product()
          .toDoubles();
    }
  }
}
