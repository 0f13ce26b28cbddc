package io.sagitta.examples;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;

/** The README's example of embedding the engine; {@code ReadmeTest} keeps both the same. */
public final class CurvatureExample {
  private CurvatureExample() {}

  /** Prints the gradient norm of a loss and the curvature along a direction. */
  public static void main(String[] args) {
    // README: begin
    Model model = Models.create(ModelSpec.of("resnet8", 10, 16));
    try (Backend backend = Devices.open("auto");
        Weights weights = Weights.initialize(model, backend, 0);
        Classifier classifier = Classifier.of(model, weights);
        Scope scope = Scope.open()) {
      Tensor image = Tensor.full(backend, Shape.of(1, 32, 32, 3), 0.5);
      Tensor direction = Tensor.full(backend, image.shape(), 1);
      Autodiff.Hvp hvp =
          Autodiff.hvp(
              x -> CrossEntropy.crossEntropy(classifier.logits(x), 3).sum(), image, direction);
      double gradientNorm = Math.sqrt(hvp.gradient().square().sum().item());
      double curvature = hvp.product().mul(direction).sum().item();
      System.out.printf("gradient norm %.4g, curvature along v %.4g%n", gradientNorm, curvature);
    }
    // README: end
  }
}
