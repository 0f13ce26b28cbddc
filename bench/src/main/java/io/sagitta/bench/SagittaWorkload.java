package io.sagitta.bench;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.HessianProducts;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Sgd;
import io.sagitta.nn.train.TrainStep;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The workloads on a backend of Sagitta. */
final class SagittaWorkload implements Workload {
  private static final int QUERY_BATCH = 64;

  private final Kind kind;
  private final Precision precision;
  private final Backend backend;
  private final Scope owner = Scope.open();
  private final Weights weights;
  private final TrainStep training;
  private final Classifier classifier;
  private final HessianProducts products;
  private final DenseTensor images;
  private final DenseTensor direction;
  private final int[] labels;
  private final Samples samples;

  /**
   * Builds the network.
   *
   * @param backend closed with this
   * @param precision of convolutions
   */
  SagittaWorkload(Kind kind, Problem problem, Backend backend, Precision precision) {
    this.kind = kind;
    this.precision = precision;
    this.backend = backend;
    int batch = problem.batch();
    Model model = Problem.model(kind);
    this.weights = Weights.of(model, backend, problem.weights(), Path.of("problem"));
    this.training = kind.trains() ? training(weights, precision) : null;
    this.classifier = kind.trains() ? null : Classifier.of(model, weights, precision);
    float[] pixels = Problem.toNhwc(problem.images());
    Shape image = Shape.of(Problem.SIDE, Problem.SIDE, Problem.COLOURS);
    Shape all = Shape.of(batch, Problem.SIDE, Problem.SIDE, Problem.COLOURS);
    this.images = Tensor.of(backend, all, pixels);
    this.direction = Tensor.of(backend, all, Problem.toNhwc(problem.v(0)));
    this.labels = Arrays.stream(problem.labels()).mapToInt(Math::toIntExact).toArray();
    this.samples =
        new Samples(pixels, image, labels, LongStream.range(0, batch).toArray());
    this.products =
        kind.differentiatesTwice() ? HessianProducts.of(classifier::logits, backend, all) : null;
  }

  @Override
  public void step() {
    try (Scope scope = Scope.open()) {
      work();
    }
  }

  @Override
  public double[] check() {
    try (Scope scope = Scope.open()) {
      return work().get();
    }
  }

  /** The work; what it gives is fetched from the device only if asked for, in the same scope. */
  private Supplier<double[]> work() {
    return switch (kind.work()) {
      case TRAIN -> {
        double loss = training.run(images, labels, Problem.RATE).loss();
        yield () -> new double[] {loss};
      }
      case FORWARD -> classifier.logits(images)::toDoubles;
      case GRADIENT -> images(gradient());
      case HVP -> images(products(1));
      case HVP10 -> images(products(Problem.PROBES));
      case ZO -> {
        double[] scores = zeroOrder();
        yield () -> scores;
      }
    };
  }

  private static TrainStep training(Weights weights, Precision precision) {
    return new TrainStep(weights, new Sgd(weights.trainable(), 0.9, 1e-4, false), precision);
  }

  private static Supplier<double[]> images(Tensor nhwc) {
    return () -> Problem.toNchw(nhwc.toDoubles());
  }

  /** Of each sample's loss. */
  private Tensor gradient() {
    return Autodiff.grad(
        x -> CrossEntropy.crossEntropy(classifier.logits(x), labels).sum(), images);
  }

  private Tensor products(int probes) {
    products.at(images, labels);
    Tensor product = null;
    for (int probe = 0; probe < probes; probe++) {
      product = products.times(direction);
    }
    return product;
  }

  /** By the streams and batches that users get; the peers have plain queries alone. */
  private double[] zeroOrder() {
    int batch = backend.samplesAtOnce(QUERY_BATCH, samples.shape().elements());
    return new ZeroOrder(Problem.H, Problem.PROBES, Problem.SEED, batch, evaluation())
        .estimate(classifier::logits, backend, samples)
        .curvature();
  }

  /** In float64 the definition itself, since that is what others are checked by. */
  private Evaluation evaluation() {
    return backend.dtype() == DType.F64 ? Evaluation.plain() : Evaluation.best(backend);
  }

  @Override
  public void finish() {
    backend.synchronize();
  }

  @Override
  public String note() {
    String how = kind.work() == Work.ZO ? evaluation().text() : precision.toString();
    return ", " + backend.description() + ", " + how;
  }

  @Override
  public void close() {
    if (products != null) {
      products.close();
    }
    if (training != null) {
      training.close();
    }
    owner.close();
    backend.close();
  }
}
