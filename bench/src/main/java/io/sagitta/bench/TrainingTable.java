package io.sagitta.bench;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.Evaluator;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainListener;
import io.sagitta.nn.train.TrainResult;
import io.sagitta.nn.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a precision of training costs in accuracy and gains in speed: the same network is trained
 * from several seeds in each precision, in turn, and asked about the test images in float32.
 */
public final class TrainingTable {
  private static final String HELP =
      """
      bench/training [options]
        --precisions P,…  the first is what the others are compared with (default: fp32,bf16)
        --seeds S,…       a training each in every precision (default: 0,1,2,3,4)
        --dataset KIND    cifar100 or cifar10 (default: cifar100)
        --data PATH       (default: ../shared/data/cifar-100-mini)
        --samples N       first images of the training set (default: 3000)
        --arch NAME       (default: resnet8)
        --width W         (default: 16)
        --epochs N        (default: 30)
        --batch N         (default: 32)
        --lr RATE         (default: 0.1)
        --augment MODE    none or crop-flip (default: none)
        --device NAME     (default: host)
      Prints for each training the loss of its last epoch, the accuracy on the test images and the
      milliseconds of a step (the median after the first epoch); then means, standard deviations
      over seeds, and the difference from the first precision, paired by seed, with its standard
      error.
      """;

  private static final int EVALUATION_BATCH = 250;

  /** How one training ended. */
  private record Row(double loss, double accuracy, double stepMillis) {}

  private final Options options;
  private final ImageDataset train;
  private final ImageDataset test;
  private final Model model;

  private TrainingTable(Options options) {
    this.options = options;
    Datasets.Kind kind = Datasets.Kind.of(options.text("--dataset"));
    Path data = Path.of(options.text("--data"));
    train = Datasets.open(kind, data, Split.TRAIN).first(options.number("--samples"));
    test = Datasets.open(kind, data, Split.TEST);
    model =
        Models.create(
            ModelSpec.of(options.text("--arch"), train.classes(), options.number("--width")));
  }

  /** Runs as a program. */
  public static void main(String[] args) throws IOException {
    Options.main(args, HELP, () -> run(args));
  }

  private static void run(String[] args) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("--precisions", "fp32,bf16");
    defaults.put("--seeds", "0,1,2,3,4");
    defaults.put("--dataset", "cifar100");
    defaults.put("--data", "../shared/data/cifar-100-mini");
    defaults.put("--samples", "3000");
    defaults.put("--arch", "resnet8");
    defaults.put("--width", "16");
    defaults.put("--epochs", "30");
    defaults.put("--batch", "32");
    defaults.put("--lr", "0.1");
    defaults.put("--augment", "none");
    defaults.put("--device", "host");
    Options options = new Options("bench/training", defaults);
    options.read(args);
    try (Backend backend = Devices.open(options.text("--device"))) {
      System.out.println(backend.description());
      new TrainingTable(options).measure(backend);
    }
  }

  private void measure(Backend backend) {
    List<Precision> precisions =
        Arrays.stream(options.list("--precisions")).map(Precision::of).toList();
    Map<Precision, List<Row>> rows = new LinkedHashMap<>();
    for (String word : options.list("--seeds")) {
      long seed = Long.parseLong(word);
      for (Precision precision : precisions) {
        Row row = train(backend, precision, seed);
        rows.computeIfAbsent(precision, p -> new ArrayList<>()).add(row);
        System.out.printf(
            "%-6s seed %d: loss %.4f, test accuracy %.2f %%, %.2f ms a step%n", precision, seed,
            row.loss, 100 * row.accuracy, row.stepMillis);
      }
    }
    List<Row> first = rows.get(precisions.get(0));
    rows.forEach((precision, own) -> summarize(precision, own, first));
  }

  private Row train(Backend backend, Precision precision, long seed) {
    TrainConfig config =
        TrainConfig.of(
                options.number("--epochs"), options.number("--batch"), options.real("--lr"),
                Augment.Mode.of(options.text("--augment")), seed)
            .in(precision);
    StepTimes times = new StepTimes();
    int[] all = IntStream.range(0, train.size()).toArray();
    TrainResult result = Trainer.train(model, backend, train, all, config, null, times);
    try (Weights weights = result.weights();
        Classifier classifier = Classifier.of(model, weights)) {
      int[] images = IntStream.range(0, test.size()).toArray();
      double accuracy =
          Evaluator.evaluate(classifier, test, images, EVALUATION_BATCH).accuracy();
      return new Row(result.finalLoss(), accuracy, times.median());
    }
  }

  private static void summarize(Precision precision, List<Row> own, List<Row> first) {
    double[] accuracies = own.stream().mapToDouble(row -> 100 * row.accuracy).toArray();
    double[] differences =
        IntStream.range(0, own.size())
            .mapToDouble(i -> 100 * (own.get(i).accuracy - first.get(i).accuracy))
            .toArray();
    double[] millis = own.stream().mapToDouble(Row::stepMillis).toArray();
    System.out.printf(
        "%-6s test accuracy %.2f %% (sd %.2f), difference %+.2f (se %.2f), %.2f ms a step%n",
        precision, mean(accuracies), deviation(accuracies), mean(differences),
        deviation(differences) / Math.sqrt(differences.length), mean(millis));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  /** The times of the steps after the first epoch, in which code is still compiled. */
  private static final class StepTimes implements TrainListener {
    private final List<Double> millis = new ArrayList<>();
    private long last;

    @Override
    public void onStep(int epoch, int step, int stepsPerEpoch, double loss, double accuracySoFar) {
      long now = System.nanoTime();
      if (epoch > 0 && step > 0) {
        millis.add((now - last) * 1e-6);
      }
      last = now;
    }

    double median() {
      double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
  }
}
