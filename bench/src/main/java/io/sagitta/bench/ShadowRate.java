package io.sagitta.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.ShadowLauncher;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.shadow.ShadowTraining;
import io.sagitta.attack.work.AtOnce;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Precision;
import io.sagitta.nn.data.Augment;
import io.sagitta.nn.data.Datasets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * How many shadow models an hour a device trains, one after the other and several at once: run
 * folders are begun and trained as users' are, files and checkpoints included. The ways take turns,
 * round after round, after a training that is not counted.
 *
 * <p>What is measured are the images a second within models, r, and the seconds from one model's last
 * step to the next one's first on the same worker, c, in which weights are written and made. The models
 * an hour of w workers are reckoned from both: 3600 · w ÷ (images · epochs · w ÷ r + c). While one worker
 * changes models the others are faster, which r contains as often as the few epochs measured make it.
 */
public final class ShadowRate {
  private static final String HELP =
      """
      Measures how many shadow models a device trains in an hour.

        --device D         (default: host)
        --precisions P,…   of training (default: fp32)
        --at-once N,…      models at the same time (default: 1)
        --arch NAME        (default: resnet18)
        --width W          (default: 64)
        --dataset KIND     cifar100, cifar10 or synthetic (default: synthetic)
        --data PATH        where its files are
        --images N         of a model on average: a random half of the first 2 N (default: 2500)
        --batch N          (default: 128)
        --augment MODE     none or crop-flip (default: crop-flip)
        --models N         of a turn, at least 3; 0 for two a worker and at least 4 (default: 0)
        --epochs N         of each in a turn (default: 1)
        --full-epochs N    of the models of which it is said how many an hour makes (default: 100)
        --rounds N         turns of each way (default: 3)
        --out FILE         receives every turn as JSON (default: shadow-rate.json)
      """;

  private static final int FEWEST_MODELS = 4;
  private static final double NANOS = 1e-9;
  private static final double HOUR = 3600;

  private final Options options;
  private final List<Way> ways = new ArrayList<>();

  /** What a turn gave: images a second within models, seconds between models, models an hour. */
  private record Turn(double rate, double change, double modelsPerHour) {}

  /** A precision, and how many models are trained at the same time, with its turns so far. */
  private record Way(Precision precision, int atOnce, List<Turn> turns) {
    double[] sorted(ToDoubleFunction<Turn> figure) {
      return turns.stream().mapToDouble(figure).sorted().toArray();
    }

    double median(ToDoubleFunction<Turn> figure) {
      return Compare.median(sorted(figure));
    }
  }

  private ShadowRate(String[] args) {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("--device", "host");
    defaults.put("--precisions", "fp32");
    defaults.put("--at-once", "1");
    defaults.put("--arch", "resnet18");
    defaults.put("--width", "64");
    defaults.put("--dataset", "synthetic");
    defaults.put("--data", "");
    defaults.put("--images", "2500");
    defaults.put("--batch", "128");
    defaults.put("--augment", "crop-flip");
    defaults.put("--models", "0");
    defaults.put("--epochs", "1");
    defaults.put("--full-epochs", "100");
    defaults.put("--rounds", "3");
    defaults.put("--out", "shadow-rate.json");
    options = new Options("shadow rate", defaults);
    options.read(args);
    for (String precision : options.list("--precisions")) {
      for (String atOnce : options.list("--at-once")) {
        ways.add(new Way(Precision.of(precision), number(atOnce), new ArrayList<>()));
      }
    }
  }

  private static int number(String atOnce) {
    AtOnce models = AtOnce.of(atOnce);
    if (models.isMeasured()) {
      throw new IllegalArgumentException("at-once: expected numbers, since they are what is measured");
    }
    return models.models();
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    Options.main(args, HELP, () -> new ShadowRate(args).run());
  }

  private void run() throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode result = json.createObjectNode().put("when", Instant.now().toString());
    options.record(result);
    try (Workers workers = Workers.open(options.text("--device"))) {
      // Before the first turn, since one that the device cannot do would be found out late.
      ways.forEach(way -> workers.atOnce(new AtOnce(way.atOnce())));
      result.put("backend", workers.description());
      ArrayNode turns = result.putArray("turns");
      ways.stream().map(Way::precision).distinct().forEach(p -> warmUp(workers, p));
      for (int round = 0; round < options.number("--rounds"); round++) {
        for (Way way : ways) {
          turns.add(measure(workers, way, json.createObjectNode().put("round", round)));
          Files.writeString(
              Path.of(options.text("--out")),
              json.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        }
      }
      System.out.println(workers.description());
    }
    report();
  }

  /** A training in which kernels are chosen and code is compiled. */
  private void warmUp(Workers workers, Precision precision) {
    workers.atOnce(new AtOnce(1));
    inRun(
        workers, precision, FEWEST_MODELS,
        run -> new ShadowTraining(run, workers, Progress.NONE).train(List.of(0)));
  }

  private ObjectNode measure(Workers workers, Way way, ObjectNode turn) {
    int asked = options.number("--models");
    int models = asked == 0 ? Math.max(FEWEST_MODELS, 2 * way.atOnce()) : asked;
    workers.atOnce(new AtOnce(way.atOnce()));
    ShadowMeter meter = new ShadowMeter(System::nanoTime);
    inRun(
        workers, way.precision(), models,
        run -> {
          long start = System.nanoTime();
          ShadowLauncher.Outcome outcome = ShadowLauncher.launch(run, workers, meter, null);
          turn.put("seconds", (System.nanoTime() - start) * NANOS);
          turn.put("diverged", outcome.diverged().size());
        });
    double rate = meter.rate(way.atOnce()) * imagesOfAStep();
    double change = meter.change();
    way.turns().add(new Turn(rate, change, perHour(way.atOnce(), rate, change)));
    turn.put("precision", way.precision().toString());
    turn.put("at_once", way.atOnce());
    turn.put("models", models);
    turn.put("images_per_s", rate);
    turn.put("seconds_between_models", change);
    return turn.put("full_models_per_hour", perHour(way.atOnce(), rate, change));
  }

  /** On average: the last of an epoch may be short. */
  private double imagesOfAStep() {
    int images = options.number("--images");
    return (double) images / ((images - 1) / options.number("--batch") + 1);
  }

  private double perHour(int workers, double rate, double change) {
    double images = (double) options.number("--images") * options.number("--full-epochs");
    return HOUR * workers / (images * workers / rate + change);
  }

  private void report() {
    System.out.printf(
        "%s:%s, %d images a model, batch %d, %d epochs a turn; an hour makes models of %d epochs%n",
        options.text("--arch"), options.text("--width"), options.number("--images"),
        options.number("--batch"), options.number("--epochs"), options.number("--full-epochs"));
    System.out.println(
        "| precision | at once | images/s | least | greatest | s between models | models/h |");
    System.out.println("|---|---|---|---|---|---|---|");
    for (Way way : ways) {
      double[] rates = way.sorted(Turn::rate);
      System.out.printf(
          Locale.ROOT, "| %s | %d | %.1f | %.1f | %.1f | %.3f | %.4g |%n", way.precision(),
          way.atOnce(), way.median(Turn::rate), rates[0], rates[rates.length - 1],
          way.median(Turn::change), way.median(Turn::modelsPerHour));
    }
  }

  /** Work on a run. */
  private interface Work {
    void on(Run run);
  }

  /** Does work on a new run in a folder that is deleted afterwards. */
  private void inRun(Workers workers, Precision precision, int models, Work work) {
    try {
      Path folder = Files.createTempDirectory("sagitta-shadow-rate");
      try (Run run =
          Run.open(
              folder.resolve("run"), recorded -> config(precision, models), data(),
              workers::description, false)) {
        work.on(run);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("shadow rate: a temporary run folder: " + e, e);
    }
  }

  private RunConfig config(Precision precision, int models) {
    return RunConfig.builder(Datasets.Kind.of(options.text("--dataset")))
        .trainSamples(2 * options.number("--images"))
        .architecture(options.text("--arch"))
        .width(options.number("--width"))
        .shadows(models - 1)
        .targets(1)
        .epochs(options.number("--epochs"))
        .batch(options.number("--batch"))
        .augment(Augment.Mode.of(options.text("--augment")))
        .precision(precision)
        .build();
  }

  private Path data() {
    return options.text("--data").isEmpty() ? null : Path.of(options.text("--data"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
