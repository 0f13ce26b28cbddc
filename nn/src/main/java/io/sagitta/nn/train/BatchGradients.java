package io.sagitta.nn.train;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.RecordedPass;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.layers.Pass;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a batch says of a network: its mean cross-entropy, logits, gradients and normalisation
 * statistics. Nothing changes the weights here, so the pass is the same work for each batch of one
 * shape: where the backend records and has room for one more step's memory, it is recorded when a
 * shape comes for the second time in turn, and replayed from then on; where memory becomes scarce, it
 * is forgotten.
 */
final class BatchGradients implements AutoCloseable {
  private final Weights weights;
  private final Optimizer optimizer;
  private final Precision precision;
  private final Backend backend;
  private final List<Tensor> parameters;
  private Shape last;
  private DenseTensor images;
  private DenseTensor labels;
  private RecordedPass recorded;
  private Result result;

  /** The statistics of one normalisation, over {@code rows} values of each channel. */
  record Statistics(String norm, DenseTensor values, long rows) {}

  /**
   * What was computed.
   *
   * @param loss a scalar
   * @param logits [N, classes]
   * @param gradients in the optimiser's order
   */
  record Result(
      Tensor loss, Tensor logits, List<Tensor> gradients, List<Statistics> statistics) {
    private Tensor[] tensors() {
      return Stream.of(
              Stream.of(loss, logits), gradients.stream(),
              statistics.stream().map(Statistics::values))
          .flatMap(tensors -> tensors)
          .toArray(Tensor[]::new);
    }
  }

  /** Owns neither weights nor optimiser. */
  BatchGradients(Weights weights, Optimizer optimizer, Precision precision) {
    this.weights = weights;
    this.optimizer = optimizer;
    this.precision = precision;
    this.backend = weights.backend();
    this.parameters = List.copyOf(optimizer.parameters().values());
  }

  /**
   * Of one batch; the result holds until the next one, and at most as long as the current scope.
   *
   * @param batch [N, H, W, 3], normalised
   * @param classes [N]
   */
  Result of(Tensor batch, int... classes) {
    CrossEntropy.checkLabels(
        Shape.of(classes.length, weights.model().spec().classes()), classes);
    Shape shape = batch.shape();
    if (recorded == null && shape.equals(last) && hasRoom()) {
      record(shape);
    }
    last = shape;
    if (recorded != null && !shape.equals(images.shape()) && !hasRoom()) {
      forget();
    }
    if (recorded == null || !shape.equals(images.shape())) {
      return compute(batch, Tensor.indices(backend, classes));
    }
    images.become(batch.value());
    backend.upload(classes, 0, labels.buffer(), 0, classes.length);
    recorded.runInPlace();
    return result;
  }

  /** Whether there is as much memory left as was ever used; never where nothing is recorded. */
  private boolean hasRoom() {
    return backend.peakBytes() < backend.freeDeviceBytes();
  }

  private void record(Shape shape) {
    images = owned(() -> DenseTensor.allocate(backend, shape));
    labels = owned(() -> DenseTensor.allocate(backend, DType.I32, Shape.of(shape.dim(0))));
    recorded =
        new RecordedPass(
            backend,
            () -> {
              result = compute(images, labels);
              return result.tensors();
            });
  }

  /** Held until released. */
  private static DenseTensor owned(Supplier<DenseTensor> allocation) {
    try (Scope scope = Scope.open()) {
      DenseTensor made = allocation.get();
      made.retain();
      return made;
    }
  }

  private Result compute(Tensor batch, DenseTensor classes) {
    Scope scope = Scope.current();
    List<Statistics> collected = new ArrayList<>();
    Pass.StatisticsSink sink =
        (norm, values, rows) -> {
          Scope.current().move(values, scope);
          collected.add(new Statistics(norm, values, rows));
        };
    Autodiff.ValueAndGradients made =
        Autodiff.valueAndGrad(
            traced -> {
              Pass pass = Pass.train(TrainStep.named(optimizer, traced), sink).in(precision);
              Tensor logits = weights.model().forward(pass, batch);
              Tensor losses = CrossEntropy.INSTANCE.apply(logits, classes);
              return List.of(losses.mean(), logits);
            },
            parameters);
    return new Result(made.value(), made.outputs().get(1), made.gradients(), collected);
  }

  private void forget() {
    recorded.close();
    recorded = null;
    images.release();
    labels.release();
  }

  @Override
  public void close() {
    if (recorded != null) {
      forget();
    }
  }
}
