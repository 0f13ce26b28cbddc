package io.sagitta.attack.run;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.sagitta.attack.score.Estimator;
import io.sagitta.attack.score.ScorePrecision;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import io.sagitta.nn.io.Hashes;
import io.sagitta.nn.optim.OptimizerKind;
import io.sagitta.nn.optim.Schedule;
import io.sagitta.nn.privacy.Privacy;
import io.sagitta.nn.train.TrainConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that decides a run's results, the data's content aside. Two runs of one configuration,
 * data content and device kind are equal to the last bit.
 *
 * @param dataset the kind of data set; its training split is used
 * @param trainSamples the first records of the training split that form the pool; 0 for all, until
 *     the data are opened
 * @param pictures how those of a folder become images; absent in the files of runs that were begun
 *     when they had one size, {@link FolderOptions#AS_THEY_ARE}
 * @param architecture such as {@code resnet8}
 * @param width of the network, as its architecture means it; 0 for the architecture's own, until the
 *     run is opened
 * @param shadows models 0 … shadows − 1
 * @param targets the models after them, which are attacked
 * @param precision of the convolutions in training
 * @param optimizer in training; absent in the files of runs that were begun before there was a
 *     choice, which is {@link OptimizerKind#SGD}
 * @param privacy of each model's training; null, or absent, for none
 * @param views 1: the image; 2: the image and its mirror image
 * @param scoreSamples how many samples are scored and attacked, the first of the pool; 0, as in the
 *     files of runs that were begun when there was no choice, for all. Like {@code estimators} it
 *     may change in a run that exists, and is not in its hash
 * @param n Rademacher pairs of a zero-order score
 * @param h the scale of its differences, on normalised inputs
 * @param scorePrecision how the score is evaluated; absent in the files of runs that were begun
 *     before there was a choice, which are {@link ScorePrecision#PLAIN_FP32}
 * @param estimators of curvature, side by side in each score file; absent in the files of runs that
 *     were begun when there was one, {@link Estimator#ZO}. They decide no other result, so they may
 *     change in a run that exists and are not in its hash
 * @param seed of memberships, initial weights, batch orders, augmentation and score directions
 */
public record RunConfig(
    Datasets.Kind dataset,
    @JsonProperty("train_samples") int trainSamples,
    FolderOptions pictures,
    String architecture,
    int width,
    int shadows,
    int targets,
    int epochs,
    int batch,
    @JsonProperty("learning_rate") double learningRate,
    double momentum,
    @JsonProperty("weight_decay") double weightDecay,
    Schedule schedule,
    Augment.Mode augment,
    Precision precision,
    OptimizerKind optimizer,
    Privacy privacy,
    int views,
    @JsonProperty("score_samples") int scoreSamples,
    int n,
    double h,
    @JsonProperty("score_precision") ScorePrecision scorePrecision,
    List<Estimator> estimators,
    long seed) {
  /** More models than that are a slip of the finger. */
  public static final int MOST_MODELS = 100_000;

  /** What stands for a privacy that there is not. */
  private static final String NONE = "none";

  /** Values that were all there was, once. */
  private static final Set<Object> FORMERLY_ALL =
      Set.of(ScorePrecision.PLAIN_FP32, OptimizerKind.SGD, NONE, FolderOptions.AS_THEY_ARE);

  /** Checks every value. */
  public RunConfig {
    require(dataset != null, "dataset", "one of cifar100, cifar10, folder, synthetic", "none");
    require(trainSamples >= 0, "train-samples", "at least 0", trainSamples);
    require(pictures != null, "pictures", "a size, or as they are", "none given");
    require(architecture != null, "arch", "a name", "none");
    require(width >= 0, "width", "at least 1", width);
    require(shadows >= 2, "shadows", "at least 2", shadows);
    require(shadows <= MOST_MODELS, "shadows", "at most " + MOST_MODELS, shadows);
    require(targets >= 1, "targets", "at least 1", targets);
    require(targets <= MOST_MODELS, "targets", "at most " + MOST_MODELS, targets);
    require(epochs >= 1, "epochs", "at least 1", epochs);
    require(batch >= 2, "batch", "at least 2", batch);
    require(learningRate > 0 && Double.isFinite(learningRate), "lr", "above 0", learningRate);
    require(momentum >= 0 && momentum < 1, "momentum", "0 to below 1", momentum);
    require(
        weightDecay >= 0 && Double.isFinite(weightDecay), "weight-decay", "at least 0",
        weightDecay);
    require(schedule != null, "schedule", "constant, multi-step or cosine", "none given");
    require(augment != null, "augment", "none or crop-flip", "none given");
    require(precision != null, "precision", "one of the names", "none given");
    require(optimizer != null, "optimizer", "sgd or rmsprop", "none given");
    require(views == 1 || views == 2, "views", "1 or 2", views);
    require(scoreSamples >= 0, "score-samples", "at least 0", scoreSamples);
    require(n >= 1, "n", "at least 1", n);
    require(h > 0 && Double.isFinite(h), "h", "above 0", h);
    require(scorePrecision != null, "score-precision", "one of the names", "none given");
    require(
        estimators != null && !estimators.isEmpty()
            && estimators.stream().distinct().count() == estimators.size(),
        "estimators", "distinct names, at least one", estimators);
    estimators = List.copyOf(estimators);
  }

  /** What the command line takes when an option is left out. */
  public static Builder builder(Datasets.Kind dataset) {
    return new Builder(
        new RunConfig(
            dataset, 0, FolderOptions.AS_THEY_ARE, "resnet8", 0, 16, 1, 30, 64, 0.1, 0.9, 1e-4,
            Schedule.MULTI_STEP, Augment.Mode.NONE, Precision.FP32, OptimizerKind.SGD, null, 2, 0,
            10, 1e-3, ScorePrecision.AUTO, List.of(Estimator.ZO), 0));
  }

  /** The same values, to change some. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Shadows and targets together. */
  @JsonIgnore
  public int models() {
    return shadows + targets;
  }

  /** How one of the models is trained, from a seed of its own. */
  public TrainConfig training(long modelSeed) {
    return new TrainConfig(
        epochs, batch, learningRate, momentum, weightDecay, false, schedule, augment, precision,
        optimizer, privacy, modelSeed);
  }

  /** The indices of the targets. */
  @JsonIgnore
  public int[] targetModels() {
    int[] models = new int[targets];
    for (int i = 0; i < targets; i++) {
      models[i] = shadows + i;
    }
    return models;
  }

  /** Name and value of each entry that decides the run, as they stand in {@code run.json}. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("dataset", dataset);
    map.put("train_samples", trainSamples);
    map.put("pictures", pictures);
    map.put("architecture", architecture);
    map.put("width", width);
    map.put("shadows", shadows);
    map.put("targets", targets);
    map.put("epochs", epochs);
    map.put("batch", batch);
    map.put("learning_rate", learningRate);
    map.put("momentum", momentum);
    map.put("weight_decay", weightDecay);
    map.put("schedule", schedule);
    map.put("augment", augment);
    map.put("precision", precision);
    map.put("optimizer", optimizer);
    map.put("privacy", privacy == null ? NONE : privacy);
    map.put("views", views);
    map.put("n", n);
    map.put("h", h);
    map.put("score_precision", scorePrecision);
    map.put("seed", seed);
    return map;
  }

  /**
   * SHA-256 over this configuration and the hash of the pool it is applied to. Numbers enter as
   * hexadecimal, since their decimal form differs between Java versions. Scoring by plain queries,
   * stochastic gradient descent, training without privacy and pictures as they are do not enter, so
   * that the hashes of runs stand that were begun when there was nothing else.
   */
  String hash(String poolHash) {
    StringBuilder text = new StringBuilder("pool=").append(poolHash).append('\n');
    toMap()
        .forEach(
            (name, value) -> {
              if (!FORMERLY_ALL.contains(value)) {
                text.append(name).append('=').append(exact(value)).append('\n');
              }
            });
    return Hashes.sha256(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Object exact(Object value) {
    if (value instanceof Privacy p) {
      return List.of(
          exact(p.epsilon()), exact(p.noise()), exact(p.delta()), exact(p.clip()),
          p.virtualBatch());
    }
    return value instanceof Double d ? Double.toHexString(d) : value;
  }

  /** What another configuration has otherwise, a line an entry; empty when they are equal. */
  List<String> differences(RunConfig asked) {
    Map<String, Object> theirs = asked.toMap();
    List<String> lines = new ArrayList<>();
    toMap()
        .forEach(
            (name, value) -> {
              if (!value.equals(theirs.get(name))) {
                lines.add(name + ": " + value + " in the folder, " + theirs.get(name) + " asked");
              }
            });
    return lines;
  }

  private static void require(boolean holds, String name, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": expected " + expected + ", got " + got);
    }
  }

  /** Changes values one by one; {@link #build} checks them. */
  public static final class Builder {
    private Datasets.Kind dataset;
    private int trainSamples;
    private FolderOptions pictures;
    private String architecture;
    private int width;
    private int shadows;
    private int targets;
    private int epochs;
    private int batch;
    private double learningRate;
    private double momentum;
    private double weightDecay;
    private Schedule schedule;
    private Augment.Mode augment;
    private Precision precision;
    private OptimizerKind optimizer;
    private Privacy privacy;
    private int views;
    private int scoreSamples;
    private int n;
    private double h;
    private ScorePrecision scorePrecision;
    private List<Estimator> estimators;
    private long seed;

    private Builder(RunConfig from) {
      dataset = from.dataset;
      trainSamples = from.trainSamples;
      pictures = from.pictures;
      architecture = from.architecture;
      width = from.width;
      shadows = from.shadows;
      targets = from.targets;
      epochs = from.epochs;
      batch = from.batch;
      learningRate = from.learningRate;
      momentum = from.momentum;
      weightDecay = from.weightDecay;
      schedule = from.schedule;
      augment = from.augment;
      precision = from.precision;
      optimizer = from.optimizer;
      privacy = from.privacy;
      views = from.views;
      scoreSamples = from.scoreSamples;
      n = from.n;
      h = from.h;
      scorePrecision = from.scorePrecision;
      estimators = from.estimators;
      seed = from.seed;
    }

    public Builder dataset(Datasets.Kind value) {
      dataset = value;
      return this;
    }

    public Builder trainSamples(int value) {
      trainSamples = value;
      return this;
    }

    public Builder pictures(FolderOptions value) {
      pictures = value;
      return this;
    }

    public Builder architecture(String value) {
      architecture = value;
      return this;
    }

    public Builder width(int value) {
      width = value;
      return this;
    }

    public Builder shadows(int value) {
      shadows = value;
      return this;
    }

    public Builder targets(int value) {
      targets = value;
      return this;
    }

    public Builder epochs(int value) {
      epochs = value;
      return this;
    }

    public Builder batch(int value) {
      batch = value;
      return this;
    }

    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    public Builder momentum(double value) {
      momentum = value;
      return this;
    }

    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    public Builder schedule(Schedule value) {
      schedule = value;
      return this;
    }

    public Builder augment(Augment.Mode value) {
      augment = value;
      return this;
    }

    public Builder precision(Precision value) {
      precision = value;
      return this;
    }

    public Builder optimizer(OptimizerKind value) {
      optimizer = value;
      return this;
    }

    public Builder privacy(Privacy value) {
      privacy = value;
      return this;
    }

    public Builder views(int value) {
      views = value;
      return this;
    }

    public Builder scoreSamples(int value) {
      scoreSamples = value;
      return this;
    }

    public Builder n(int value) {
      n = value;
      return this;
    }

    public Builder h(double value) {
      h = value;
      return this;
    }

    public Builder scorePrecision(ScorePrecision value) {
      scorePrecision = value;
      return this;
    }

    public Builder estimators(List<Estimator> value) {
      estimators = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException naming the value, what was expected and what was given
     */
    public RunConfig build() {
      return new RunConfig(
          dataset, trainSamples, pictures, architecture, width, shadows, targets, epochs, batch,
          learningRate, momentum, weightDecay, schedule, augment, precision, optimizer, privacy,
          views, scoreSamples, n, h, scorePrecision, estimators, seed);
    }
  }
}
