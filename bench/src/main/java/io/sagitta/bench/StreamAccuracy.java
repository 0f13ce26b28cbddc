package io.sagitta.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.score.ScoreErrors;
import io.sagitta.attack.study.PrecisionStudy;
import io.sagitta.attack.study.StudyOutcome;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import io.sagitta.nn.train.TrainConfig;
import io.sagitta.nn.train.TrainListener;
import io.sagitta.nn.train.TrainResult;
import io.sagitta.nn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How far a device's zero-order scores are from float64: trains a network on the device, scores
 * images of its training set in every way that the device has ({@link PrecisionStudy}), and demands
 * of difference streams the project's promises, {@link #PROMISES}. Exit code 1: one was not kept.
 */
public final class StreamAccuracy {
  private static final String HELP =
      """
      Scores images of a network's training set in every precision of a device, against float64.

        --device D        (default: host)
        --model A:W       architecture and width (default: resnet18:64)
        --cifar100 PATH   the images (default: synthetic ones)
        --train N         images to train on first (default: 2000)
        --epochs N        (default: 12)
        --samples N       images to score (default: 256)
        --n N             directions a sample (default: 2)
        --h H             step of the stencil (default: 1e-3)
        --out FILE        receives the rows as JSON (default: accuracy.json)
      """;

  /** Median relative errors that streams keep to at h = 1e-3 on trained networks. */
  private static final Map<String, Double> PROMISES =
      Map.of("streams-fp32", 5e-4, "streams-tf32x3", 5e-4, "streams-tf32", 5e-3, "streams-bf16", 2e-2);

  private static final int BATCH = 64;
  private static final double RATE = 0.1;
  private static final long SEED = 1;

  private final Options options;

  private StreamAccuracy(String[] args) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("--device", "host");
    defaults.put("--model", "resnet18:64");
    defaults.put("--cifar100", "");
    defaults.put("--train", "2000");
    defaults.put("--epochs", "12");
    defaults.put("--samples", "256");
    defaults.put("--n", "2");
    defaults.put("--h", "1e-3");
    defaults.put("--out", "accuracy.json");
    options = new Options("accuracy", defaults);
    options.read(args);
  }

  /** Measures, prints, and ends with what came of it. */
  public static void main(String[] args) throws IOException {
    Options.main(args, HELP, () -> System.exit(new StreamAccuracy(args).run() ? 0 : 1));
  }

  /** Whether every promise is kept. */
  private boolean run() throws IOException {
    ImageDataset images = images();
    ImageDataset scored = images.first(options.number("--samples"));
    double h = options.real("--h");
    int n = options.number("--n");
    PrecisionStudy.check(h, n);
    try (Backend device = Devices.open(options.text("--device"))) {
      TrainResult trained = train(device, images);
      try (Weights weights = trained.weights()) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode result = mapper.createObjectNode();
        result.put("when", Instant.now().toString());
        options.record(result);
        result.put("backend", device.description());
        result.put("training_accuracy", trained.trainAccuracy());
        boolean kept = compare(study(weights, h, n, scored), result.putArray("rows"));
        Files.writeString(
            Path.of(options.text("--out")),
            mapper.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        return kept;
      }
    }
  }

  private ImageDataset images() {
    String path = options.text("--cifar100");
    return path.isEmpty()
        ? Datasets.open(Datasets.Kind.SYNTHETIC, null, Split.TRAIN)
        : Datasets.open(Datasets.Kind.CIFAR100, Path.of(path), Split.TRAIN);
  }

  private TrainResult train(Backend device, ImageDataset images) {
    String[] model = options.text("--model").split(":");
    ModelSpec spec = ModelSpec.of(model[0], images.classes(), Integer.parseInt(model[1]));
    TrainConfig config =
        TrainConfig.of(options.number("--epochs"), BATCH, RATE, Augment.Mode.CROP_FLIP, SEED);
    int[] members = IntStream.range(0, options.number("--train")).toArray();
    return Trainer.train(
        Models.create(spec), device, images, members, config, null, TrainListener.NONE);
  }

  private static List<StudyOutcome> study(
      Weights weights, double h, int n, ImageDataset scored) {
    return new PrecisionStudy(weights, h, n, SEED, (way, fraction) -> {}).run(scored);
  }

  private static boolean compare(List<StudyOutcome> outcomes, ArrayNode rows) {
    boolean kept = true;
    System.out.println("| evaluation | median error | promised | log correlation | samples/s |");
    System.out.println("|---|---|---|---|---|");
    for (StudyOutcome outcome : outcomes) {
      double rate = outcome.samplesPerSecond();
      ObjectNode row = rows.addObject().put("evaluation", outcome.setting().name());
      row.put("samples_per_s", rate);
      ScoreErrors errors = outcome.errors();
      if (errors == null) {
        System.out.printf(Locale.ROOT, "| %s | | | | %.4g |%n", outcome.setting().name(), rate);
        continue;
      }
      Double promised = PROMISES.get(outcome.setting().name());
      row.put("median_error", errors.median()).put("log_correlation", errors.logCorrelation());
      row.put("promised", promised);
      kept &= promised == null || errors.median() <= promised;
      System.out.printf(
          Locale.ROOT, "| %s | %.1e | %s | %.5f | %.4g |%n", outcome.setting().name(), errors.median(),
          promised == null ? "" : promised, errors.logCorrelation(), rate);
    }
    return kept;
  }
}
