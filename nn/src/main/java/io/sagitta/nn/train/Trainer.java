package io.sagitta.nn.train;

import io.sagitta.engine.DenseTensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.nn.data.BatchOrder;
import io.sagitta.nn.data.ImageBatches;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.WantedViews;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.io.SaveInterval;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.privacy.PoissonSample;
import io.sagitta.nn.privacy.Privacy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Trains a network from a seed. Everything random is a function of the seed, the epoch and the
 * sample, so the same arguments on the same kind of device give the same weights bit for bit, also
 * when a training is interrupted and goes on from its checkpoint.
 */
public final class Trainer {
  /** An epoch may take hours; what a killed process loses should not. */
  private static final long NANOS_BETWEEN_CHECKPOINTS = 600_000_000_000L;

  private final Model model;
  private final Backend backend;
  private final ImageDataset dataset;
  private final int[] members;
  private final TrainConfig config;
  private final TrainListener listener;
  private final ImageBatches batches;
  private final Privacy.Promise promise;
  private final SaveInterval interval = new SaveInterval(System::nanoTime);

  private Trainer(
      Model model, Backend backend, ImageDataset dataset, int[] members, TrainConfig config,
      TrainListener listener, ImageBatches batches) {
    this.model = model;
    this.backend = backend;
    this.dataset = dataset;
    this.members = members.clone();
    this.config = config;
    this.listener = listener;
    this.batches = batches;
    this.promise = config.promise(members.length);
  }

  /**
   * Trains. The last batch of an epoch may be short; one image alone joins the batch before it, as
   * normalisation over a single image says little. Private training draws its batches anew for each
   * step, each member with the same probability.
   *
   * @param members the images trained on, by their index in the data set
   * @param checkpoint written after each epoch, unless that would take more than a twentieth of the
   *     time; every ten minutes; and after the step or epoch at which the listener throws; gone on
   *     from if it is there; null for none
   * @return the trained weights, which the caller closes
   * @throws IllegalArgumentException if data, network and configuration do not go together, or a
   *     promised privacy cannot be kept
   * @throws DivergedException if the loss, or in the end a weight, is no longer finite
   * @throws io.sagitta.nn.io.BadFileException if the checkpoint is damaged or another training's
   */
  public static TrainResult train(
      Model model, Backend backend, ImageDataset dataset, int[] members, TrainConfig config,
      Path checkpoint, TrainListener listener) {
    requireFitting(model.spec(), dataset, members);
    requireApart(model.spec(), config, members);
    requireSupported(backend, config.precision());
    try (ImageBatches batches = ImageBatches.of(backend, dataset)) {
      return new Trainer(model, backend, dataset, members, config, listener, batches)
          .train(checkpoint);
    }
  }

  private TrainResult train(Path checkpoint) {
    Map<String, String> description = description();
    TrainingState state =
        checkpoint != null && Files.exists(checkpoint)
            ? TrainingState.load(
                model, backend, config, stepsPerEpoch(), checkpoint, description)
            : TrainingState.initial(model, backend, config);
    boolean done = false;
    try (TrainStep trainStep =
        new TrainStep(state.weights(), state.optimizer(), config.precision())) {
      while (state.epochsDone() < config.epochs()) {
        epoch(state, trainStep, checkpoint, description);
      }
      done = true;
      return state.finish();
    } finally {
      if (!done) {
        state.close();
      }
    }
  }

  private static void requireFitting(ModelSpec spec, ImageDataset dataset, int[] members) {
    if (dataset.channels() != 3 || dataset.classes() > spec.classes()) {
      throw new IllegalArgumentException(
          "train: expected images with 3 channels of at most " + spec.classes() + " classes for "
              + spec + ", got " + dataset);
    }
    spec.requireImages(dataset.height(), dataset.width());
    if (members.length == 0) {
      throw new IllegalArgumentException("train: expected at least one member, got none");
    }
  }

  private static void requireApart(ModelSpec spec, TrainConfig config, int[] members) {
    if (config.privacy() == null) {
      return;
    }
    if (spec.hasBatchNorm()) {
      throw new IllegalArgumentException(
          "private training: expected a network whose samples do not depend on each other, such as "
              + spec.withoutBatchNorm() + "; got batch normalisation in " + spec);
    }
    long different = Arrays.stream(members).distinct().count();
    if (different < members.length) {
      // One that is there twice would move a sum by twice the clipping norm.
      throw new IllegalArgumentException(
          "private training: expected each member once, got " + members.length
              + " members of which " + different + " differ");
    }
  }

  private static void requireSupported(Backend backend, Precision precision) {
    if (!backend.supports(precision)) {
      throw new IllegalArgumentException(
          "precision: " + backend.name() + " computes in "
              + Arrays.stream(Precision.values()).filter(backend::supports).toList() + ", got "
              + precision);
    }
  }

  private Map<String, String> description() {
    Map<String, String> description = new LinkedHashMap<>(model.spec().metadata());
    description.putAll(config.metadata());
    if (promise != null) {
      description.putAll(promise.metadata());
      description.put("virtual_batch", Integer.toString(promise.privacy().virtualBatch()));
    }
    description.put("dataset", dataset.hash());
    ByteBuffer indices = ByteBuffer.allocate(Math.multiplyExact(members.length, Integer.BYTES));
    indices.asIntBuffer().put(members);
    description.put("members", Hashes.sha256(indices.array()));
    description.put("device", backend.name());
    return description;
  }

  private void epoch(
      TrainingState state, TrainStep trainStep, Path checkpoint,
      Map<String, String> description) {
    long start = System.nanoTime();
    int epoch = state.epochsDone();
    Steps steps = promise == null ? plain(state, trainStep) : privately(state);
    for (int step = state.stepsDone(); step < steps.count(); step++) {
      TrainStep.Outcome outcome = steps.take(step);
      if (!Double.isFinite(outcome.loss())) {
        throw new DivergedException(epoch, step, outcome.loss());
      }
      state.finishStep(outcome);
      if (interval.isOlderThan(NANOS_BETWEEN_CHECKPOINTS)) {
        save(state, checkpoint, description);
      }
      try {
        listener.onStep(epoch, step, steps.count(), outcome.loss(), state.accuracySoFar());
      } catch (RuntimeException stopped) {
        save(state, checkpoint, description);
        throw stopped;
      }
    }
    state.finishEpoch();
    boolean saves = state.epochsDone() == config.epochs() || interval.isWorthIt();
    if (saves) {
      save(state, checkpoint, description);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    try {
      listener.onEpoch(epoch, config.epochs(), state.loss(), state.accuracy(), seconds);
    } catch (RuntimeException stopped) {
      if (!saves) {
        save(state, checkpoint, description);
      }
      throw stopped;
    }
  }

  private void save(TrainingState state, Path checkpoint, Map<String, String> description) {
    requireFinite(state);
    if (checkpoint != null) {
      interval.save(() -> state.save(checkpoint, description));
    }
  }

  /** Losses tell of the steps before theirs; of the last one nothing tells but the weights. */
  private void requireFinite(TrainingState state) {
    String broken = state.weights().firstNotFinite();
    if (broken != null) {
      int steps = state.epochsDone() * stepsPerEpoch() + state.stepsDone();
      throw DivergedException.ofWeights(
          (steps - 1) / stepsPerEpoch(), (steps - 1) % stepsPerEpoch(), broken);
    }
  }

  private int stepsPerEpoch() {
    return promise == null ? steps(members.length, config.batch()) : promise.stepsPerEpoch();
  }

  /** Batches of an epoch; a rest of one image is none of its own. */
  static int steps(int images, int batch) {
    int rest = images % batch;
    return images / batch + (rest > 1 || rest == 1 && images == 1 ? 1 : 0);
  }

  /** The steps of an epoch. */
  private interface Steps {
    int count();

    TrainStep.Outcome take(int step);
  }

  /** Over the members in a new order. */
  private Steps plain(TrainingState state, TrainStep trainStep) {
    int epoch = state.epochsDone();
    int[] order = BatchOrder.of(config.seed(), epoch, members);
    List<int[]> ordered = ordered(order);
    batches.announce(
        ordered.stream().skip(state.stepsDone()).map(batch -> wanted(batch, epoch)).iterator());
    return new Steps() {
      @Override
      public int count() {
        return stepsPerEpoch();
      }

      @Override
      @SuppressWarnings("try") // an open scope is used by the operations inside it
      public TrainStep.Outcome take(int step) {
        int[] batch = ordered.get(step);
        try (Scope scope = Scope.open()) {
          DenseTensor images = batches.views(batch, epoch, config.seed(), config.augment());
          return trainStep.run(images, dataset.labels(batch), config.rate(epoch));
        }
      }
    };
  }

  private WantedViews wanted(int[] batch, long epoch) {
    return new WantedViews(batch, epoch, config.seed(), config.augment());
  }

  private List<int[]> ordered(int[] order) {
    int steps = stepsPerEpoch();
    return IntStream.range(0, steps)
        .mapToObj(
            step -> {
              int end = step == steps - 1 ? order.length : (step + 1) * config.batch();
              return Arrays.copyOfRange(order, step * config.batch(), end);
            })
        .toList();
  }

  /** Over as many draws as make the members once, in the mean; each has views of its own. */
  private Steps privately(TrainingState state) {
    int epoch = state.epochsDone();
    PrivateStep privateStep =
        new PrivateStep(state.weights(), state.optimizer(), promise, config);
    long first = (long) epoch * stepsPerEpoch();
    batches.announce(
        LongStream.range(first + state.stepsDone(), first + stepsPerEpoch())
            .boxed()
            .flatMap(
                drawn ->
                    privateStep.asked(taken(drawn)).stream().map(batch -> wanted(batch, drawn)))
            .iterator());
    return new Steps() {
      @Override
      public int count() {
        return stepsPerEpoch();
      }

      @Override
      public TrainStep.Outcome take(int step) {
        long drawn = first + step;
        return privateStep.run(samples(drawn), taken(drawn), drawn, config.rate(epoch));
      }
    };
  }

  /** The members of a private step. */
  private int[] taken(long drawn) {
    return PoissonSample.of(config.seed(), drawn, members, promise.sampleRate());
  }

  private PrivateStep.Samples samples(long drawn) {
    return new PrivateStep.Samples() {
      @Override
      public DenseTensor images(int... indices) {
        return batches.views(indices, drawn, config.seed(), config.augment());
      }

      @Override
      public int[] labels(int... indices) {
        return dataset.labels(indices);
      }
    };
  }
}
