package io.sagitta.bench;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.curvature.Evaluation;
import io.sagitta.engine.curvature.HessianProducts;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Philox;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.optim.Sgd;
import io.sagitta.nn.train.TrainStep;
import java.util.stream.LongStream;

/** The workloads on a backend of Sagitta. */
final class SagittaWorkload implements Workload {
  private static final int CLASSES = 100;
  private static final int IMAGE_ELEMENTS = 32 * 32 * 3;
  private static final long SEED = 1;
  private static final double H = 1e-3;
  private static final int PROBES = 10;
  private static final int QUERY_BATCH = 64;

  private final Kind kind;
  private final Precision precision;
  private final Backend backend;
  private final Scope owner = Scope.open();
  private final Weights weights;
  private final Sgd sgd;
  private final Classifier classifier;
  private final HessianProducts products;
  private final DenseTensor images;
  private final DenseTensor direction;
  private final int[] labels;
  private final Samples samples;

  SagittaWorkload(Kind kind, int batch, String device, Precision precision) {
    this.kind = kind;
    this.precision = precision;
    this.backend = Devices.open(device);
    int width = kind.widths()[0];
    Model model = Models.create(ModelSpec.of(kind.architecture(), CLASSES, width));
    this.weights = Weights.initialize(model, backend, SEED);
    this.sgd = kind.trains() ? new Sgd(weights.trainable(), 0.9, 1e-4, false) : null;
    this.classifier = kind.trains() ? null : Classifier.of(model, weights, precision);
    Philox philox = new Philox(SEED);
    float[] pixels = new float[batch * IMAGE_ELEMENTS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) philox.normal(0, i);
    }
    byte[] signs = new byte[pixels.length];
    philox.rademacher(1, signs);
    float[] v = new float[pixels.length];
    for (int i = 0; i < v.length; i++) {
      v[i] = signs[i];
    }
    this.images = Tensor.of(backend, Shape.of(batch, 32, 32, 3), pixels);
    this.products =
        kind.trains() ? null : HessianProducts.of(classifier::logits, backend, images.shape());
    this.direction = Tensor.of(backend, images.shape(), v);
    this.labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = philox.integer(2, i, CLASSES);
    }
    this.samples =
        new Samples(
            pixels, Shape.of(32, 32, 3), labels, LongStream.range(0, batch).toArray());
  }

  @Override
  public void step() {
    try (Scope scope = Scope.open()) {
      switch (kind) {
        case TRAIN, TRAIN_RESNET8 ->
            new TrainStep(weights, sgd, precision).run(images, labels, 0.01);
        case FORWARD -> classifier.logits(images);
        case HVP -> products(1);
        case HVP10 -> products(PROBES);
        case ZO -> zeroOrder();
      }
    }
  }

  @Override
  public void finish() {
    backend.synchronize();
  }

  @Override
  public String note() {
    String how = kind == Kind.ZO ? Evaluation.best(backend).text() : precision.toString();
    return ", " + backend.description() + ", " + how;
  }

  private void products(int probes) {
    products.at(images, labels);
    for (int probe = 0; probe < probes; probe++) {
      products.times(direction);
    }
  }

  /** By the streams that users get; the peers have plain queries alone. */
  private void zeroOrder() {
    new ZeroOrder(H, PROBES, SEED, QUERY_BATCH, Evaluation.best(backend))
        .estimate(classifier::logits, backend, samples);
  }

  @Override
  public void close() {
    if (products != null) {
      products.close();
    }
    owner.close();
    backend.close();
  }
}
