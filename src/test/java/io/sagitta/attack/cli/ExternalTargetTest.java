package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.attack.target.Images;
import io.sagitta.attack.target.TestEndpoint;
import io.sagitta.attack.target.TestEndpoint.Fault;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Devices;
import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Split;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.Classifier;
import io.sagitta.nn.models.Model;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.models.Weights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run's own target attacked as if it were somebody else's: as weights, as an ONNX file, behind an
 * endpoint. Each must come to the scores that the run has.
 */
class ExternalTargetTest {
  private static final int SAMPLES = 40;
  private static final int TARGET = 4;
  private static final int ADDED = 5;
  private static final String TOKEN_VARIABLE = "SAGITTA_TEST_TOKEN";
  private static final ModelSpec SPEC = ModelSpec.of("resnet8", 10, 4);

  @TempDir static Path shared;
  private static Path data;
  private static Path plain;
  private static Path members;

  @TempDir Path folder;
  private Path run;

  @BeforeAll
  static void scoreByPlainQueries() throws IOException {
    data = TinyCifar.write(shared.resolve("data"), SAMPLES / 5);
    plain = shared.resolve("plain");
    Cli shadows =
        Cli.run(
            TinyCifar.options(
                data, "shadows", plain.toString(), "--device", "host", "--views", "1",
                "--score-precision", "plain-fp32"));
    assertThat(shadows.status()).as(shadows.text()).isZero();
    assertThat(Cli.run("score", plain.toString(), "--device", "host").status()).isZero();
    byte[] masks = Safetensors.read(plain.resolve("masks.safetensors")).entry("members").bytes();
    members = shared.resolve("members.csv");
    Files.writeString(
        members,
        IntStream.range(0, SAMPLES)
            .filter(s -> masks[TARGET * SAMPLES + s] == 1)
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(",\n")));
  }

  private void copyOfRun() throws IOException {
    run = folder.resolve("run");
    try (var files = Files.walk(plain)) {
      for (Path file : files.toList()) {
        Files.copy(
            file, run.resolve(plain.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static Path weights() {
    return plain.resolve("models/0004.safetensors");
  }

  private Cli target(String specification, String... more) {
    return Cli.run(line(specification, more));
  }

  private String[] line(String specification, String... more) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "target", run.toString(), "--target", specification, "--members",
                members.toString(), "--device", "host"));
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  private String exported() {
    Path onnx = folder.resolve("target.onnx");
    Cli export =
        Cli.run("export", "--weights", weights().toString(), "--onnx", onnx.toString());
    assertThat(export.status()).as(export.text()).isZero();
    assertThat(export.out()).contains("resnet8, width 4, 10 classes", "[batch, 3, 32, 32]");
    return "onnx:" + onnx;
  }

  private static Safetensors.File scores(Path of, int model) {
    return Safetensors.read(of.resolve(String.format("scores/%04d.safetensors", model)));
  }

  /** The scores of the model as the run's own and as somebody else's, to the stated noise. */
  private void sameScores() {
    Safetensors.File own = scores(run, TARGET);
    Safetensors.File other = scores(run, ADDED);
    for (String name : List.of("loss", "logit", "prob_true", "prob_max", "mentr")) {
      double[] expected = own.entry(name).doubles();
      double[] found = other.entry(name).doubles();
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).as(name).isCloseTo(expected[i], within(1e-4));
      }
    }
    double[] expected = own.entry("curv_zo").doubles();
    double[] ownNoise = own.entry("curv_zo_noise_floor").doubles();
    double[] found = other.entry("curv_zo").doubles();
    double[] noise = other.entry("curv_zo_noise_floor").doubles();
    double[] ratios = new double[found.length];
    for (int i = 0; i < found.length; i++) {
      ratios[i] = Math.abs(found[i] - expected[i]) / Math.hypot(ownNoise[i], noise[i]);
    }
    Arrays.sort(ratios);
    assertThat(ratios[ratios.length / 2]).as("median difference in noise floors").isLessThan(1.5);
    assertThat(ratios[ratios.length - 1]).as("greatest difference").isLessThan(30);
  }

  private void attackedAlike() throws IOException {
    Cli attack = Cli.run("attack", run.toString());
    assertThat(attack.status()).as(attack.text()).isZero();
    JsonNode json = new ObjectMapper().readTree(run.resolve("attack.json").toFile());
    List<Double> own = aurocs(json, TARGET);
    List<Double> other = aurocs(json, ADDED);
    assertThat(own).isNotEmpty().hasSameSizeAs(other);
    for (int i = 0; i < own.size(); i++) {
      assertThat(other.get(i)).isCloseTo(own.get(i), within(0.1));
    }
  }

  private static List<Double> aurocs(JsonNode json, int target) {
    List<Double> found = new ArrayList<>();
    for (JsonNode result : json.path("results")) {
      if (result.path("target").asInt() == target) {
        found.add(result.path("auroc").asDouble());
      }
    }
    return found;
  }

  @Test
  void anExportIsScoredAsTheModelItself() throws IOException {
    copyOfRun();
    Cli cli = target(exported());
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(cli.out()).contains("is model 5 (black box, logits)");
    assertThat(cli.err()).contains("noise floor of the target's curvature: median");
    assertThat(cli.err()).doesNotContain("was evaluated as");
    sameScores();
    attackedAlike();
    Cli report = Cli.run("report", run.toString());
    assertThat(report.status()).as(report.text()).isZero();
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("external target", "target.onnx, black box, logits");
    Cli again = target("onnx:" + folder.resolve("target.onnx"));
    assertThat(again.out()).contains("is model 5");
    assertThat(Cli.run("audit", "--out", run.toString()).status()).isZero();
  }

  @Test
  void weightsAreScoredInTheWhite() throws IOException {
    copyOfRun();
    Path elsewhere = Files.copy(weights(), folder.resolve("elsewhere.safetensors"));
    Cli cli = target(elsewhere.toString());
    assertThat(cli.status()).as(cli.text()).isZero();
    assertThat(cli.out()).contains("white box, resnet8, width 4, 10 classes");
    double[] own = scores(run, TARGET).entry("curv_zo").doubles();
    assertThat(scores(run, ADDED).entry("curv_zo").doubles()).isEqualTo(own);
  }

  @Test
  void weightsTrainedOtherwiseAreReported() throws IOException {
    copyOfRun();
    Safetensors.File own = Safetensors.read(weights());
    Map<String, String> metadata = new HashMap<>(own.metadata());
    metadata.put("epochs", "99");
    metadata.put("dataset_hash", "of its owner's images");
    Path other = folder.resolve("other.safetensors");
    Safetensors.write(other, List.copyOf(own.entries().values()), metadata);
    assertThat(target(other.toString()).status()).isZero();
    Cli attack = Cli.run("attack", run.toString(), "--resamples", "10");
    assertThat(attack.status()).as(attack.text()).isZero();
    assertThat(attack.out())
        .contains("Target " + ADDED + " differs from the shadow models in its number of epochs: 99")
        .doesNotContain("in its data:", "in its optimiser:", "in its learning rate:");
  }

  /** Images of the run's data through the target's network. */
  private static TestEndpoint endpoint(Backend backend, Classifier classifier, ImageDataset pool) {
    return new TestEndpoint(pool, (images, n) -> classifier.logits(images, n, 32, 32));
  }

  @Test
  void anEndpointThatFailsIsAskedNothingTwice() throws IOException {
    String token = System.getenv(TOKEN_VARIABLE);
    assumeTrue(token != null, "no " + TOKEN_VARIABLE + ": Maven sets it");
    copyOfRun();
    Model model = Models.create(SPEC);
    ImageDataset pool = Datasets.open(Datasets.Kind.CIFAR10, data, Split.TRAIN);
    StringBuilder printed = new StringBuilder();
    try (Backend backend = Devices.open("host");
        Weights loaded = Weights.load(model, backend, weights());
        Classifier classifier = Classifier.of(model, loaded);
        TestEndpoint endpoint = endpoint(backend, classifier, pool)) {
      String[] options = {
        "--token-env", TOKEN_VARIABLE, "--timeout", "60", "--ask", "16", "--verbose"
      };
      for (Fault fault :
          new Fault[] {Fault.NAN, Fault.NO_JSON, Fault.REFUSED, Fault.OTHER_SHAPE}) {
        endpoint.next(Fault.NONE, Fault.NONE, Fault.BUSY, Fault.NONE, Fault.DROPPED, fault);
        Cli failed = target(endpoint.address(), options);
        printed.append(failed.text());
        assertThat(failed.status()).as(failed.text()).isEqualTo(7);
        assertThat(failed.err()).contains(endpoint.address(), "expected");
      }
      int[] checks = {0};
      Cli stopped =
          Cli.run(
              () -> {
                // As the target begins, and after its scores, before their noise.
                if (++checks[0] == 2) {
                  throw new StoppedException("enough");
                }
              },
              line(endpoint.address(), options));
      assertThat(stopped.status()).as(stopped.text()).isEqualTo(130);
      assertThat(run.resolve("scores"))
          .as("what it answered is kept, not what came of it")
          .isDirectoryNotContaining("glob:**.partial");
      Cli left = Cli.run("attack", run.toString());
      assertThat(left.err()).contains("model 5, an external target, is left out");
      Cli done = target(endpoint.address(), options);
      printed.append(done.text());
      assertThat(done.status()).as(done.text()).isZero();
      // Of each image: itself, 2 · 4 points, and 2 · 4 that show the noise.
      assertThat(endpoint.distinct()).isEqualTo(SAMPLES * (1 + 8 + 8));
      assertThat(endpoint.repeated()).isZero();
      assertThat(endpoint.authorizations()).containsOnly("Bearer " + token);
      sameScores();
      attackedAlike();
      assertThat(Cli.run("report", run.toString()).status()).isZero();
      int requests = endpoint.requests();
      assertThat(target(endpoint.address(), options).status()).isZero();
      assertThat(endpoint.requests()).as("all is known").isEqualTo(requests);
    }
    assertThat(printed.toString()).doesNotContain(token);
    try (var files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(token);
      }
    }
  }

  @Test
  void roundedConfidencesAreSaidAndTheirNoiseStated() throws IOException {
    copyOfRun();
    Model model = Models.create(SPEC);
    ImageDataset pool = Datasets.open(Datasets.Kind.CIFAR10, data, Split.TRAIN);
    try (Backend backend = Devices.open("host");
        Weights loaded = Weights.load(model, backend, weights());
        Classifier classifier = Classifier.of(model, loaded);
        TestEndpoint endpoint =
            new TestEndpoint(
                pool, (images, n) -> rounded(softmax(classifier.logits(images, n, 32, 32))))) {
      Cli cli = target(endpoint.address());
      assertThat(cli.status()).as(cli.text()).isZero();
      assertThat(cli.err())
          .contains("come of probabilities rounded to 0.001, the shadows' of logits");
      int asked = endpoint.requests();
      Cli rescored = target(endpoint.address(), "--rescore-shadows");
      assertThat(rescored.status()).as(rescored.text()).isZero();
      assertThat(rescored.err()).doesNotContain("not the same statistics");
      assertThat(endpoint.requests()).isEqualTo(asked);
      assertThat(cli.out()).contains("black box, probabilities rounded to 0.001");
      assertThat(cli.err()).contains("attacks on curvature see little but noise");
    }
    double[] through = scores(run, TARGET).entry("loss").doubles();
    double[] losses = scores(plain, TARGET).entry("loss").doubles();
    double[] found = scores(run, ADDED).entry("loss").doubles();
    double[] floor = scores(run, ADDED).entry("curv_zo_noise_floor").doubles();
    double[] difference = scores(run, ADDED).entry("curv_zo").doubles();
    double[] expected = scores(plain, TARGET).entry("curv_zo").doubles();
    int same = 0;
    for (int i = 0; i < losses.length; i++) {
      assertThat(found[i]).isCloseTo(losses[i], within(0.002 * Math.exp(losses[i])));
      same += found[i] == through[i] ? 1 : 0;
      assertThat(Math.abs(difference[i] - expected[i])).isLessThan(5 * floor[i]);
    }
    // All but those that rounding of the logits pushes over the edge of a confidence's.
    assertThat(same).as("the same channel, the same losses").isGreaterThan(losses.length * 9 / 10);
  }

  private static double[] softmax(double[] logits) {
    double[] probabilities = new double[logits.length];
    for (int row = 0; row < logits.length; row += 10) {
      double sum = 0;
      for (int k = row; k < row + 10; k++) {
        probabilities[k] = Math.exp(logits[k]);
        sum += probabilities[k];
      }
      for (int k = row; k < row + 10; k++) {
        probabilities[k] /= sum;
      }
    }
    return probabilities;
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(value -> Math.rint(1000 * value) / 1000).toArray();
  }

  @Test
  void oneBlackBoxIsScoredByItself() {
    Path out = folder.resolve("alone.safetensors");
    Cli cli =
        Cli.run(
            "target", "--target", exported(), "--dataset", "cifar10", "--data", data.toString(),
            "--first", "6", "--n", "2", "--seed", "5", "--out", out.toString());
    assertThat(cli.status()).as(cli.text()).isZero();
    Safetensors.File file = Safetensors.read(out);
    assertThat(file.metadata())
        .containsEntry("target_answers", "logits")
        .containsEntry("evaluation", "plain");
    assertThat(file.entry("logits").shape()).containsExactly(6, 10);
    double[] floor = file.entry("noise_floor").doubles();
    double[] expected = scores(plain, TARGET).entry("curv_zo").doubles();
    double[] found = file.entry("score").doubles();
    for (int i = 0; i < 6; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(30 * floor[i]));
    }
  }

  @Test
  void whatDoesNotFitLeavesTheRunAsItWas() throws IOException {
    copyOfRun();
    byte[] masks = Files.readAllBytes(run.resolve("masks.safetensors"));
    try (TestEndpoint other =
        new TestEndpoint(Images.of(2, 32, 32, 7), (images, n) -> new double[7 * n])) {
      Cli classes = target(other.address());
      assertThat(classes.status()).isEqualTo(7);
      assertThat(classes.err()).contains("each of the 10 classes of cifar10", "[-1, 7]");
    }
    Path onnx = folder.resolve("small.onnx");
    assertThat(
            Cli.run(
                    "export", "--weights", weights().toString(), "--size", "24", "--onnx",
                    onnx.toString())
                .status())
        .isZero();
    Cli size = target("onnx:" + onnx);
    assertThat(size.status()).isEqualTo(7);
    assertThat(size.err()).contains("[N, 3, 32, 32]", "[-1, 3, 24, 24]");
    Cli nothing = target("keras:model.h5");
    assertThat(nothing.status()).isEqualTo(2);
    assertThat(nothing.err()).contains("onnx:FILE", "'keras:model.h5'");
    Cli wide = target(weights().toString(), "--arch", "resnet8", "--width", "8");
    assertThat(wide.status()).isEqualTo(2);
    assertThat(wide.err())
        .contains("--width: expected 4, which " + weights() + " says, got 8");
    Path foreign = folder.resolve("foreign.safetensors");
    Safetensors.write(
        foreign, List.copyOf(Safetensors.read(weights()).entries().values()), Map.of());
    Cli many = target(foreign.toString(), "--arch", "resnet8", "--width", "4", "--classes", "9");
    assertThat(many.status()).isEqualTo(7);
    assertThat(many.err()).contains("expected a network of 10 classes for cifar10", "9 classes");
    assertThat(run.resolve("masks.safetensors")).hasBinaryContent(masks);
    Cli attack = Cli.run("attack", run.toString());
    assertThat(attack.status()).as(attack.text()).isZero();
    assertThat(Cli.run("target", run.toString(), "--target", "onnx:x").err())
        .contains("expected RUN and --members");
  }

  @Test
  void knownMembersMayNotChange() throws IOException {
    copyOfRun();
    Path elsewhere = Files.copy(weights(), folder.resolve("elsewhere.safetensors"));
    assertThat(target(elsewhere.toString()).status()).isZero();
    Files.writeString(members.resolveSibling("others.csv"), "1 2 3");
    Cli cli =
        Cli.run(
            "target", run.toString(), "--target", elsewhere.toString(), "--members",
            members.resolveSibling("others.csv").toString());
    assertThat(cli.status()).isEqualTo(4);
    assertThat(cli.err()).contains("known with other members; it is model 5");
  }
}
