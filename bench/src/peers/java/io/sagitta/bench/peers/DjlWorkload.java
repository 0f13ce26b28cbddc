package io.sagitta.bench.peers;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.sagitta.bench.Problem;
import io.sagitta.bench.Workload;

/** The workloads that DJL's public API can do. */
final class DjlWorkload implements Workload {
  private final Kind kind;
  private final Model model = Model.newInstance("peer");
  private final Block net;
  private final Trainer trainer;
  private final ParameterStore parameters;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();
  private final NDManager manager = NDManager.newBaseManager();
  private final NDArray x;
  private final NDArray labels;
  private final NDArray[] v = new NDArray[Problem.PROBES];
  private final NDArray[] u = new NDArray[Problem.PROBES];

  DjlWorkload(Kind kind, Problem problem) {
    this.kind = kind;
    this.net = DjlNet.of(kind.network());
    model.setBlock(net);
    Shape batch = new Shape(problem.batch(), 3, 32, 32);
    this.trainer = kind.trains() ? trainer() : null;
    DjlNet.startFrom(problem.weights(), net);
    if (kind.trains()) {
      trainer.initialize(batch);
    } else {
      net.freezeParameters(true);
      net.initialize(manager, DataType.FLOAT32, batch);
    }
    this.parameters = new ParameterStore(manager, false);
    this.x = manager.create(problem.images(), batch);
    this.labels = manager.create(problem.labels(), new Shape(problem.batch()));
    for (int probe = 0; probe < Problem.PROBES; probe++) {
      v[probe] = manager.create(problem.v(probe), batch);
      u[probe] = manager.create(problem.u(probe), batch);
    }
  }

  private Trainer trainer() {
    Optimizer sgd =
        Optimizer.sgd()
            .setLearningRateTracker(Tracker.fixed((float) Problem.RATE))
            .optMomentum(0.9f)
            .optWeightDecays(1e-4f)
            .build();
    return model.newTrainer(new DefaultTrainingConfig(loss).optOptimizer(sgd));
  }

  @Override
  public void step() {
    try (NDManager scope = manager.newSubManager()) {
      work(scope);
    }
  }

  @Override
  public double[] check() {
    try (NDManager scope = manager.newSubManager()) {
      return work(scope).toType(DataType.FLOAT64, false).toDoubleArray();
    }
  }

  private NDArray work(NDManager scope) {
    return switch (kind.work()) {
      case TRAIN -> train(scope);
      case FORWARD -> logits(scope, x);
      case GRADIENT -> gradient(scope);
      case ZO -> zeroOrder(scope);
      case HVP, HVP10 -> throw new UnsupportedOperationException("DJL: no second derivatives");
    };
  }

  private NDArray train(NDManager scope) {
    NDArray mean;
    try (GradientCollector collector = trainer.newGradientCollector()) {
      NDArray images = attached(scope, x);
      NDList logits = trainer.forward(new NDList(images));
      mean = loss.evaluate(new NDList(labels), logits);
      collector.backward(mean);
    }
    trainer.step();
    return mean;
  }

  private NDArray logits(NDManager scope, NDArray images) {
    return net.forward(parameters, new NDList(attached(scope, images)), false)
        .singletonOrThrow();
  }

  /** A handle to the same array; what is computed from it dies with the scope. */
  private static NDArray attached(NDManager scope, NDArray array) {
    NDArray handle = array.stopGradient();
    handle.attach(scope);
    return handle;
  }

  private NDArray gradient(NDManager scope) {
    NDArray input = attached(scope, x);
    input.setRequiresGradient(true);
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray losses = losses(net.forward(parameters, new NDList(input), false).head());
      collector.backward(losses.sum());
      return input.getGradient();
    }
  }

  private NDArray zeroOrder(NDManager scope) {
    losses(logits(scope, x));
    NDArray scores = scope.zeros(labels.getShape(), DataType.FLOAT64);
    for (int probe = 0; probe < Problem.PROBES; probe++) {
      try (NDManager trial = scope.newSubManager()) {
        NDArray images = attached(trial, x);
        NDArray along = attached(trial, v[probe]).add(u[probe]).mul(Problem.H);
        NDArray across = attached(trial, v[probe]).sub(u[probe]).mul(Problem.H);
        NDArray t =
            query(trial, images.add(along)).sub(query(trial, images.sub(across)))
                .sub(query(trial, images.add(across))).add(query(trial, images.sub(along)));
        scores.addi(t.abs().div(4 * Problem.H * Problem.PROBES));
      }
    }
    return scores;
  }

  /** The losses; what the network made on the way is freed at once. */
  private NDArray query(NDManager trial, NDArray images) {
    try (NDManager query = trial.newSubManager()) {
      NDArray losses = losses(logits(query, images).toType(DataType.FLOAT64, false));
      losses.attach(trial);
      return losses;
    }
  }

  private NDArray losses(NDArray logits) {
    return logits.logSoftmax(1).gather(labels.expandDims(1), 1).squeeze(1).neg();
  }

  @Override
  public void close() {
    manager.close();
    if (trainer != null) {
      trainer.close();
    }
    model.close();
  }
}
