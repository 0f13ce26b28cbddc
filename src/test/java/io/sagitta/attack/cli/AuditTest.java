package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.nn.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole audits, in this process, on a few images. */
class AuditTest {
  private static final int SAMPLES = 40;

  @TempDir static Path shared;
  private static Path data;
  private static Path run;
  private static Cli audit;

  @TempDir Path folder;

  @BeforeAll
  static void auditOnce() {
    data = TinyCifar.write(shared.resolve("data"), SAMPLES / 5);
    run = shared.resolve("run");
    audit = Cli.run(TinyCifar.options(data, "audit", "--out", run.toString()));
    assertThat(audit.status()).as(audit.text()).isZero();
  }

  @Test
  void anAuditLeavesFilesAndPrintsATable() throws IOException {
    assertThat(audit.out())
        .contains("curv-zo-lr", "curv-zo-nll", "lira", "yeom", "paper", "corrected", "AUROC")
        .contains("median curvature", "Report: " + run.resolve("report.html"));
    assertThat(audit.text()).as("no control characters").matches("[\\P{Cntrl}\\n]*");
    assertThat(Files.readString(run.resolve("attack.csv")).lines().count()).isGreaterThan(8);
    JsonNode json = new ObjectMapper().readTree(run.resolve("attack.json").toFile());
    assertThat(json.isObject()).isTrue();
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("resnet8, width 4, 10 classes", "cifar10");
    assertThat(run.resolve("progress.jsonl")).isNotEmptyFile();
    for (int model = 0; model < 5; model++) {
      Safetensors.File scores = Safetensors.read(scores(run, model));
      for (String name : List.of("curv_zo", "loss", "prob_true", "prob_max", "logit", "mentr")) {
        assertThat(scores.entry(name).shape()).as(name).containsExactly(2, SAMPLES);
      }
      assertThat(scores.metadata()).containsEntry("views", "identity,flip");
    }
  }

  private static Path scores(Path in, int model) {
    return in.resolve(String.format("scores/%04d.safetensors", model));
  }

  private static Path copyOfRun(Path to) throws IOException {
    try (var files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(run.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  @Test
  void anAuditThatIsDoneOnlyPrintsAgain() throws IOException {
    Object before = Files.getLastModifiedTime(scores(run, 0));
    Cli again = Cli.run("audit", "--out", run.toString());
    assertThat(again.status()).isZero();
    assertThat(again.err()).contains("shadows: 0 models to do, 5 done");
    assertThat(table(again)).isEqualTo(table(audit));
    assertThat(Files.getLastModifiedTime(scores(run, 0))).isEqualTo(before);
  }

  private static String table(Cli cli) {
    return cli.out().substring(0, cli.out().indexOf("Report:"));
  }

  @Test
  void theFourStepsGiveTheSameFiles() throws IOException {
    Path steps = folder.resolve("steps");
    assertThat(Cli.run(TinyCifar.options(data, "shadows", steps.toString())).status()).isZero();
    Cli early = Cli.run("attack", steps.toString());
    assertThat(early.status()).isEqualTo(3);
    assertThat(early.err()).contains("expected scores, found none", "sagitta score");
    assertThat(Cli.run("score", steps.toString()).status()).isZero();
    Cli attack = Cli.run("attack", steps.toString());
    assertThat(attack.status()).as(attack.text()).isZero();
    assertThat(steps.resolve("report.html")).doesNotExist();
    assertThat(Cli.run("report", steps.toString()).status()).isZero();
    assertThat(steps.resolve("report.html")).exists();
    for (int model = 0; model < 5; model++) {
      assertThat(scores(steps, model)).hasSameBinaryContentAs(scores(run, model));
    }
    assertThat(steps.resolve("attack.csv")).hasSameBinaryContentAs(run.resolve("attack.csv"));
  }

  @Test
  void aStopKeepsWhatIsScoredOfAModel() throws IOException {
    Path copy = copyOfRun(folder);
    for (int model = 0; model < 5; model++) {
      Files.delete(scores(copy, model));
    }
    Path partial = copy.resolve("scores/0002.safetensors.partial");
    int[] checks = {0};
    Cli stopped =
        Cli.run(
            () -> {
              // As model 2 begins, and after its first view.
              if (Files.exists(scores(copy, 1)) && ++checks[0] == 2) {
                throw new StoppedException("enough");
              }
            },
            "score", copy.toString());
    assertThat(stopped.status()).as(stopped.text()).isEqualTo(130);
    assertThat(scores(copy, 2)).doesNotExist();
    assertThat(Safetensors.read(partial).metadata())
        .containsEntry("rows_done", Integer.toString(SAMPLES))
        .containsEntry("model", "2");
    Cli score = Cli.run("score", copy.toString());
    assertThat(score.status()).as(score.text()).isZero();
    assertThat(score.err()).contains("score: 3 models to do, 2 done");
    assertThat(partial).doesNotExist();
    for (int model = 0; model < 5; model++) {
      assertThat(scores(copy, model)).hasSameBinaryContentAs(scores(run, model));
    }
    Files.writeString(partial, "left by a kill just after the score file was written");
    assertThat(Cli.run("score", copy.toString()).status()).isZero();
    assertThat(partial).doesNotExist();
  }

  @Test
  void aStopIsHeardBetweenAttackFiguresAndPage() throws IOException {
    Path copy = copyOfRun(folder);
    Path figures = copy.resolve("attack.csv");
    Path page = copy.resolve("report.html");
    Files.delete(figures);
    Files.delete(page);
    Runnable enough =
        () -> {
          throw new StoppedException("enough");
        };
    Cli attack = Cli.run(enough, "attack", copy.toString());
    assertThat(attack.status()).as(attack.text()).isEqualTo(130);
    assertThat(figures).doesNotExist();
    Runnable afterFigures =
        () -> {
          if (Files.exists(figures)) {
            enough.run();
          }
        };
    Cli report = Cli.run(afterFigures, "report", copy.toString());
    assertThat(report.status()).as(report.text()).isEqualTo(130);
    assertThat(figures).exists();
    assertThat(page).doesNotExist();
  }

  @Test
  void scoringWaitsForTraining() throws IOException {
    Path copy = copyOfRun(folder);
    Files.delete(copy.resolve("models/0002.safetensors"));
    Cli score = Cli.run("score", copy.toString());
    assertThat(score.status()).isEqualTo(3);
    assertThat(score.err()).contains("0002.safetensors", "expected weights", "sagitta shadows");
  }

  @Test
  void modelsThatAreTrainedAreScoredAndAttackedWithoutTheOthers() throws IOException {
    Path copy = copyOfRun(folder.resolve("copy"));
    Files.delete(copy.resolve("models/0004.safetensors"));
    for (int model = 0; model < 5; model++) {
      Files.delete(scores(copy, model));
    }
    Cli score = Cli.run("score", copy.toString(), "--trained-only");
    assertThat(score.status()).as(score.text()).isZero();
    assertThat(scores(copy, 3)).hasSameBinaryContentAs(scores(run, 3));
    assertThat(scores(copy, 4)).doesNotExist();
    Cli attack =
        Cli.run(
            "attack", "--masks", copy.resolve("masks.safetensors").toString(), "--scores",
            copy.resolve("scores").toString(), "--targets", "3", "--out",
            folder.resolve("out").toString());
    assertThat(attack.status()).as(attack.text()).isZero();
    assertThat(folder.resolve("out/report.html")).isNotEmptyFile();
  }

  @Test
  void someOfTheSamplesAreScoredAndAttacked() throws IOException {
    Path copy = copyOfRun(folder);
    Cli tooMany = Cli.run("score", copy.toString(), "--score-samples", "41");
    assertThat(tooMany.status()).isEqualTo(2);
    assertThat(tooMany.err())
        .contains("score-samples: expected at most the 40 samples of the run, got 41");
    Cli score = Cli.run("score", copy.toString(), "--score-samples", "24");
    assertThat(score.status()).as(score.text()).isZero();
    double[] all = Safetensors.read(scores(run, 2)).entry("loss").doubles();
    double[] some = Safetensors.read(scores(copy, 2)).entry("loss").doubles();
    assertThat(some).hasSize(2 * 24);
    assertThat(some[24 + 23]).as("mirrored").isCloseTo(all[SAMPLES + 23], withinPercentage(0.1));
    Cli report = Cli.run("report", copy.toString());
    assertThat(report.status()).as(report.text()).isZero();
    assertThat(new ObjectMapper().readTree(copy.resolve("attack.json").toFile()).get("samples").asInt())
        .isEqualTo(24);
    assertThat(Files.readString(copy.resolve("report.html")))
        .contains("of the first 24 samples", "Model-free baseline", "data:image/png;base64,");
    Cli other = Cli.run("shadows", copy.toString(), "--score-samples", "30");
    assertThat(other.status()).as("trained already").isZero();
    Cli stale = Cli.run("attack", copy.toString());
    assertThat(stale.status()).isEqualTo(4);
    assertThat(stale.err()).contains("expected scores of 30 samples as in run.json, found 24");
  }

  @Test
  void staleScoresAreNotUsed() throws IOException {
    Path copy = copyOfRun(folder);
    Files.copy(
        scores(run, 1), scores(copy, 2), StandardCopyOption.REPLACE_EXISTING);
    Cli attack = Cli.run("attack", copy.toString());
    assertThat(attack.status()).isEqualTo(4);
    assertThat(attack.err()).contains("0002.safetensors: a stale file");
    Cli score = Cli.run("score", copy.toString());
    assertThat(score.status()).isZero();
    assertThat(score.err()).contains("0002.safetensors: made from other weights", "made again");
    assertThat(scores(copy, 2)).hasSameBinaryContentAs(scores(run, 2));
  }

  @Test
  void scoresMadeElsewhereAreAttackedTheSameWay() {
    Cli attack =
        Cli.run(
            "attack", "--masks", run.resolve("masks.safetensors").toString(), "--scores",
            run.resolve("scores").toString(), "--targets", "4", "--mode", "both", "--out",
            folder.resolve("out").toString());
    assertThat(attack.status()).as(attack.text()).isZero();
    assertThat(folder.resolve("out/attack.csv"))
        .hasSameBinaryContentAs(run.resolve("attack.csv"));
    assertThat(folder.resolve("out/report.html"))
        .content()
        .contains("Membership-inference attack: scores")
        .doesNotContain(run.toString());
    Cli range =
        Cli.run(
            "attack", "--masks", run.resolve("masks.safetensors").toString(), "--scores",
            run.resolve("scores").toString(), "--targets", "4,9", "--out",
            folder.resolve("other").toString());
    assertThat(range.status()).isEqualTo(2);
    assertThat(range.err()).contains("expected targets in 0..4, got 9");
  }

  @Test
  void oneModelAloneScoresAsTheRunDoes() {
    Path out = folder.resolve("scores.safetensors");
    Cli score =
        Cli.run(
            "score", "--weights", run.resolve("models/0003.safetensors").toString(), "--dataset",
            "cifar10", "--data", data.toString(), "--first", "12", "--n", "2", "--seed", "5",
            "--keep-directions", "--out", out.toString());
    assertThat(score.status()).as(score.text()).isZero();
    Safetensors.File alone = Safetensors.read(out);
    assertThat(alone.entry("logits").shape()).containsExactly(12, 10);
    assertThat(alone.entry("logits").type()).isEqualTo(Safetensors.Type.F32);
    assertThat(alone.entry("v").shape()).containsExactly(2, 12, 3, 32, 32);
    assertThat(alone.entry("u").type()).isEqualTo(Safetensors.Type.I8);
    double[] loss = alone.entry("loss").doubles();
    double[] curvature = alone.entry("score").doubles();
    // Batches of another size sum in another order; kinks near the base point show it.
    Safetensors.File ofRun = Safetensors.read(scores(run, 3));
    for (int s = 0; s < 12; s++) {
      assertThat(loss[s]).isCloseTo(ofRun.entry("loss").doubles()[s], within(1e-5));
      assertThat(curvature[s]).as("the same directions").isCloseTo(
          ofRun.entry("curv_zo").doubles()[s], within(0.02 * curvature[s] + 1e-5));
    }
  }

  @Test
  void aStopKeepsWhatIsScoredOfOneModelAlone() {
    Path whole = folder.resolve("whole.safetensors");
    Path out = folder.resolve("scores.safetensors");
    String[] line = {
      "score", "--weights", run.resolve("models/0003.safetensors").toString(), "--dataset",
      "synthetic", "--first", "200", "--n", "1", "--out", whole.toString()
    };
    assertThat(Cli.run(line).status()).isZero();
    line[line.length - 1] = out.toString();
    int[] checks = {0};
    Cli stopped =
        Cli.run(
            () -> {
              // As the model begins, and after its first samples.
              if (++checks[0] == 2) {
                throw new StoppedException("enough");
              }
            },
            line);
    assertThat(stopped.status()).as(stopped.text()).isEqualTo(130);
    assertThat(out).doesNotExist();
    Path partial = folder.resolve("scores.safetensors.partial");
    assertThat(Safetensors.read(partial).metadata().get("rows_done")).isNotEqualTo("0");
    assertThat(Cli.run(line).status()).isZero();
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(partial).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zo", "zo-trace", "hutchinson", "hutch++", "gradient-norm", "exact"})
  void everyEstimatorScoresOneModel(String estimator) {
    Path out = folder.resolve("scores.safetensors");
    Cli score = scoreOne(with(estimator, "--out", out.toString()));
    assertThat(score.status()).as(score.text()).isZero();
    Safetensors.File file = Safetensors.read(out);
    assertThat(file.metadata()).containsEntry("estimator", estimator);
    assertThat(file.metadata().containsKey("evaluation")).isEqualTo(estimator.startsWith("zo"));
    assertThat(file.entry("score").doubles()).hasSize(6).doesNotContain(0);
    assertThat(file.entry("standard_error").doubles()).doesNotContain(Double.NaN);
  }

  @Test
  void samplesAreLeftWhenTheirErrorIsSmallEnough() {
    Path out = folder.resolve("early.safetensors");
    Cli score =
        scoreOne(
            "--estimator", "hutchinson", "--n", "64", "--relative-error", "0.2", "--out",
            out.toString());
    assertThat(score.status()).as(score.text()).isZero();
    Safetensors.File file = Safetensors.read(out);
    assertThat(file.metadata()).containsEntry("relative_error", "0.2");
    long[] trials = file.entries().get("trials").longs();
    double[] scores = file.entries().get("score").doubles();
    double[] errors = file.entries().get("standard_error").doubles();
    for (int s = 0; s < trials.length; s++) {
      assertThat(trials[s]).isIn(8L, 16L, 32L, 64L);
      assertThat(trials[s] == 64 || errors[s] <= 0.2 * scores[s]).isTrue();
    }
    Cli negligible =
        scoreOne("--estimator", "exact", "--negligible", "0.3", "--out", out.toString());
    assertThat(negligible.status()).as(negligible.text()).isZero();
    file = Safetensors.read(out);
    assertThat(file.metadata()).containsEntry("negligible", "0.3");
    assertThat(file.entry("standard_error").doubles()).doesNotContain(0);
    Cli unfit = scoreOne("--negligible", "0.3", "--out", out.toString());
    assertThat(unfit.err()).contains("no negligible classes for zo", "0.3");
    Cli refused =
        scoreOne("--estimator", "exact", "--relative-error", "0.2", "--out", out.toString());
    assertThat(refused.err()).contains("no relative error for exact", "0.2");
  }

  @Test
  void estimatorsAndPrecisionsThatDoNotFitAreExplained() {
    Path out = folder.resolve("scores.safetensors");
    Cli pair =
        scoreOne("--estimator", "exact", "--precision", "bf16", "--out", out.toString());
    assertThat(pair.status()).isEqualTo(2);
    assertThat(pair.err()).contains("expected one of auto, fp32, float64 for exact, got bf16");
    Cli unknown = scoreOne("--precision", "fp8", "--out", out.toString());
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("bf16, plain-fp32, float64, got 'fp8'");
    Cli estimator = scoreOne("--estimator", "trace", "--out", out.toString());
    assertThat(estimator.err()).contains("zo-trace", "exact", "'trace'");
    Cli ofRuns = scoreOne("--estimators", "exact", "--out", out.toString());
    assertThat(ofRuns.status()).as("not zo in silence").isEqualTo(2);
    assertThat(ofRuns.err()).contains("expected --estimator for one model alone, got --estimators");
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"zo", "zo-trace", "hutchinson", "hutch++", "gradient-norm", "exact"})
  void float64MeasuresEveryEstimator(String estimator) {
    Path fast = folder.resolve("fast.safetensors");
    Path exact = folder.resolve("exact.safetensors");
    for (Path out : List.of(fast, exact)) {
      Cli score =
          scoreOne(
              with(
                  estimator, "--precision", out == fast ? "fp32" : "float64", "--out",
                  out.toString()));
      assertThat(score.status()).as(score.text()).isZero();
    }
    Safetensors.File file = Safetensors.read(exact);
    assertThat(file.metadata()).containsEntry("arithmetic", "float64");
    double[] expected = file.entry("score").doubles();
    double[] actual = Safetensors.read(fast).entry("score").doubles();
    for (int s = 0; s < expected.length; s++) {
      assertThat(actual[s]).isCloseTo(expected[s], withinPercentage(2));
    }
  }

  @Test
  void filesSayWhatTheirNumbersAreWorth() {
    Path out = folder.resolve("scores.safetensors");
    Cli plain = scoreOne("--precision", "plain-fp32", "--n", "4", "--out", out.toString());
    assertThat(plain.status()).as(plain.text()).isZero();
    Safetensors.File file = Safetensors.read(out);
    double[] floor = file.entry("noise_floor").doubles();
    double[] score = file.entry("score").doubles();
    for (int s = 0; s < score.length; s++) {
      assertThat(floor[s]).as("rounding shows, and is not all").isBetween(1e-9, score[s]);
    }
    Cli exact = scoreOne("--estimator", "exact", "--keep-directions", "--out", out.toString());
    assertThat(exact.status()).as(exact.text()).isZero();
    file = Safetensors.read(out);
    assertThat(file.entry("top").shape()).containsExactly(6, 3, 32, 32);
    assertThat(file.entry("eigenvalues").shape()).containsExactly(6, 9);
    double[] eigenvalues = file.entry("eigenvalues").doubles();
    double[] frobenius = file.entry("frobenius").doubles();
    double[] trace = file.entry("score").doubles();
    for (int s = 0; s < 6; s++) {
      double sum = 0;
      double squares = 0;
      for (int i = 9 * s; i < 9 * s + 9; i++) {
        sum += eigenvalues[i];
        squares += eigenvalues[i] * eigenvalues[i];
      }
      assertThat(sum).isCloseTo(trace[s], withinPercentage(1e-4));
      assertThat(Math.sqrt(squares)).isCloseTo(frobenius[s], withinPercentage(1e-4));
    }
    assertThat(Safetensors.read(scores(run, 0)).entry("curv_zo_standard_error").shape())
        .containsExactly(2, SAMPLES);
  }

  @Test
  void runsAreScoredAsAsked() {
    Path plain = folder.resolve("plain");
    String[] options =
        TinyCifar.options(
            data, "audit", "--out", plain.toString(), "--device", "host", "--score-precision");
    Cli impossible = Cli.run(with(options, "--score-precision", "tf32"));
    assertThat(impossible.status()).isEqualTo(2);
    assertThat(impossible.err()).contains("plain-fp32, float64 for zo on this device, got tf32");
    assertThat(plain).doesNotExist();
    Cli audit = Cli.run(with(options, "--score-precision", "plain-fp32"));
    assertThat(audit.status()).as(audit.text()).isZero();
    Safetensors.File scores = Safetensors.read(scores(plain, 1));
    assertThat(scores.metadata()).containsEntry("evaluation", "plain");
    assertThat(scores.entry("curv_zo_noise_floor").shape()).containsExactly(2, SAMPLES);
    Cli other = Cli.run("audit", "--out", plain.toString(), "--score-precision", "fp32");
    assertThat(other.status()).isEqualTo(4);
    assertThat(other.err()).contains("score_precision: plain-fp32 in the folder, fp32 asked");
  }

  @Test
  void estimatorsStandSideBySide() throws IOException {
    Path copy = copyOfRun(folder);
    Cli score = Cli.run("score", copy.toString(), "--estimators", "zo, exact,hutchinson");
    assertThat(score.status()).as(score.text()).isZero();
    assertThat(score.err()).contains("0000.safetensors: made from other weights, in another way");
    Safetensors.File before = Safetensors.read(scores(run, 1));
    Safetensors.File after = Safetensors.read(scores(copy, 1));
    assertThat(after.metadata()).containsEntry("estimator", "zo,exact,hutchinson");
    for (String name : before.entries().keySet()) {
      assertThat(after.entry(name).doubles()).as(name).isEqualTo(before.entry(name).doubles());
    }
    double[] traces = after.entry("curv_trace").doubles();
    double[] errors = after.entry("curv_trace_standard_error").doubles();
    double[] exact = after.entry("curv_exact").doubles();
    int near = 0;
    for (int s = 0; s < exact.length; s++) {
      near += Math.abs(traces[s] - exact[s]) <= 12 * errors[s] ? 1 : 0;
    }
    assertThat(near).as("two probes give a trace within their errors").isGreaterThan(60);
    Cli again = Cli.run("audit", "--out", copy.toString());
    assertThat(again.err()).contains("score: 0 models to do, 5 done");
    String[] rows = table(audit).substring(0, table(audit).indexOf("Percent")).split("\n");
    assertThat(table(again).split("\n"))
        .as("the same attacks find the same, and there are more").contains(rows);
    assertThat(table(again)).contains("curv-exact-nll", "curv-trace-lr");
    Cli narrowed = Cli.run("shadows", copy.toString(), "--estimators", "exact");
    assertThat(narrowed.status()).as(narrowed.text()).isZero();
    assertThat(Files.readString(copy.resolve("run.json")))
        .contains("\"estimators\" : [ \"exact\" ]");
    Cli unknown = Cli.run("score", copy.toString(), "--estimators", "zo,trace");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("'trace'", "hutchinson");
  }

  /** The options with one more value after a name. */
  private static String[] with(String[] options, String name, String value) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(all.indexOf(name) + 1, value);
    return all.toArray(String[]::new);
  }

  @Test
  void noImagesAreNotScored() {
    Path out = folder.resolve("none.safetensors");
    Cli none =
        Cli.run(
            "score", "--weights", run.resolve("models/0003.safetensors").toString(), "--arch",
            "resnet8", "--width", "4", "--classes", "10", "--dataset", "cifar10", "--data",
            data.toString(), "--first", "0", "--out", out.toString());
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("--first: expected at least 1, got 0");
    assertThat(out).doesNotExist();
  }

  /** An estimator's options, few directions and a step where it looks at them, and more. */
  private static String[] with(String estimator, String... more) {
    List<String> line = new ArrayList<>(List.of("--estimator", estimator));
    if (!estimator.equals("exact")) {
      line.addAll(List.of("--n", "4"));
    }
    if (estimator.equals("gradient-norm")) {
      line.addAll(List.of("--h", "0.1"));
    }
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  private Cli scoreOne(String... more) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "score", "--weights", run.resolve("models/0003.safetensors").toString(), "--arch",
                "resnet8", "--width", "4", "--classes", "10", "--dataset", "cifar10", "--data",
                data.toString(), "--first", "6"));
    line.addAll(List.of(more));
    return Cli.run(line.toArray(String[]::new));
  }

  @Test
  void whatNetworkWeightsAreOfIsSaidByTheirFileOrByOptions() {
    String own = run.resolve("models/0003.safetensors").toString();
    refused(2, "--width: expected 4, which " + own + " says, got 8", own, "--width", "8");
    refused(2, "--arch: expected resnet8, which " + own + " says, got mlp", own, "--arch", "mlp");
    refused(2, "--classes: expected 10, which " + own + " says, got 9", own, "--classes", "9");
    Path foreign = folder.resolve("foreign.safetensors");
    Safetensors.write(
        foreign, List.copyOf(Safetensors.read(Path.of(own)).entries().values()), Map.of());
    refused(
        2, "expected --arch, since the file does not say what network", foreign.toString(),
        "--width", "4");
    refused(
        3, "'conv1.weight' expected [8, 3, 3, 3], found [4", foreign.toString(), "--arch", "resnet8",
        "--width", "8");
    Path out = folder.resolve("foreign-scores.safetensors");
    Cli score =
        Cli.run(
            "score", "--weights", foreign.toString(), "--arch", "resnet8", "--width", "4",
            "--dataset", "cifar10", "--data", data.toString(), "--first", "3", "--n", "1", "--out",
            out.toString());
    assertThat(score.status()).as(score.text()).isZero();
  }

  @Test
  void resultsDoNotTakeThePlaceOfWeights() throws IOException {
    Path own = Files.copy(run.resolve("models/0003.safetensors"), folder.resolve("own"));
    byte[] before = Files.readAllBytes(own);
    for (String[] line :
        new String[][] {
          {"score", "--dataset", "synthetic", "--first", "3", "--out"}, {"export", "--onnx"}
        }) {
      List<String> all = new ArrayList<>(List.of(line));
      all.addAll(List.of(own.toString(), "--weights", own.toString()));
      Cli cli = Cli.run(all.toArray(String[]::new));
      assertThat(cli.status()).as(cli.text()).isEqualTo(2);
      assertThat(cli.err()).contains(": expected another file than " + own + ", which is read");
    }
    assertThat(own).hasBinaryContent(before);
  }

  private void refused(int status, String message, String weights, String... more) {
    Path out = folder.resolve("refused.safetensors");
    List<String> line =
        new ArrayList<>(
            List.of(
                "score", "--weights", weights, "--dataset", "cifar10", "--data", data.toString(),
                "--first", "3", "--out", out.toString()));
    line.addAll(List.of(more));
    Cli score = Cli.run(line.toArray(String[]::new));
    assertThat(score.status()).as(score.text()).isEqualTo(status);
    assertThat(score.err()).contains(message).doesNotContain("\tat ");
    assertThat(out).doesNotExist();
  }

  @Test
  void oneModelIsTrained() {
    Path out = folder.resolve("model.safetensors");
    String[] train = {
      "train", "--dataset", "cifar10", "--data", data.toString(), "--width", "4", "--epochs", "2",
      "--batch", "16", "--out", out.toString()
    };
    Cli first = Cli.run(train);
    assertThat(first.status()).as(first.text()).isZero();
    assertThat(first.out()).contains("loss", "training accuracy");
    assertThat(Safetensors.read(out).metadata()).containsEntry("epochs", "2");
    assertThat(folder).isDirectoryNotContaining("glob:**.checkpoint");
    Cli second = Cli.run(train);
    assertThat(second.status()).isEqualTo(4);
    assertThat(second.err()).contains("expected a new file");
  }

  @Test
  void trainingThatDivergesIsSaidAndRecorded() {
    Path wild = folder.resolve("wild");
    Cli cli =
        Cli.run(TinyCifar.options(data, "shadows", wild.toString(), "--lr", "1e38"));
    assertThat(cli.status()).isEqualTo(5);
    assertThat(cli.err()).contains("model 0: training diverged", "0 of 5 models are trained");
    Cli audit2 = Cli.run("audit", "--out", wild.toString());
    assertThat(audit2.status()).isEqualTo(5);
    assertThat(audit2.err())
        .contains("expected a target to attack, found none: model 4: training diverged: expected a")
        .doesNotContain("\tat ");
  }

  /** A step at which float32 overflows; the models themselves are sound. */
  @Test
  void scoresThatAreNoNumbersAreSaidToBe() throws IOException {
    Path copy = copyOfRun(folder);
    Cli study =
        Cli.run(
            "experiment", "perturbation", copy.toString(), "--h", "1e6", "--n", "1", "--samples",
            "4", "--out", folder.resolve("study").toString());
    assertThat(study.status()).as(study.text()).isEqualTo(5);
    assertThat(study.err()).contains("model 0: score: expected finite", "curvature NaN", "h = 1000");
    assertThat(copy.resolve("models")).isDirectoryNotContaining("glob:**.diverged.json");
    Path wild = folder.resolve("wild");
    Cli.run(TinyCifar.options(data, "shadows", wild.toString(), "--h", "1e6"));
    Cli score = Cli.run("score", wild.toString());
    assertThat(score.status()).as(score.text()).isEqualTo(5);
    assertThat(score.err()).contains("left out: score: expected finite numbers");
    Cli attack = Cli.run("attack", wild.toString());
    assertThat(attack.status()).as(attack.text()).isEqualTo(5);
    assertThat(attack.err())
        .contains("expected a target to attack, found none: model 4: score: expected finite")
        .doesNotContain("training");
    Cli exact = Cli.run("score", wild.toString(), "--estimators", "exact");
    assertThat(exact.status()).as(exact.text()).isZero();
    assertThat(scores(wild, 4)).exists();
    Path out = folder.resolve("alone.safetensors");
    Cli alone = scoreOne("--h", "1e6", "--n", "1", "--out", out.toString());
    assertThat(alone.status()).as(alone.text()).isEqualTo(5);
    assertThat(alone.err()).contains("is the step h = 1000000.0 in proportion to the images?");
    assertThat(out).doesNotExist();
  }

  @Test
  void imagesAreShownWhereTheyAreAtHand() throws IOException {
    assertThat(audit.out()).contains("baseline", "no attack: images and labels only");
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("data:image/png;base64,", "Model-free baseline")
        .containsPattern("<b>class [0-9]</b>");
    Path copy = copyOfRun(folder.resolve("copy"));
    Path moved = folder.resolve("moved");
    Files.writeString(
        copy.resolve("run.json"),
        Files.readString(copy.resolve("run.json")).replace(data.toString(), moved.toString()));
    Cli without = Cli.run("report", copy.toString());
    assertThat(without.status()).as(without.text()).isZero();
    assertThat(Files.readString(copy.resolve("report.html")))
        .contains("The images are not at hand", moved.toString())
        .doesNotContain("data:image/png", "Model-free baseline");
    Cli wrong = Cli.run("report", copy.toString(), "--data", moved.toString());
    assertThat(wrong.status()).as("a path that was named").isEqualTo(3);
    assertThat(wrong.err()).contains(moved.toString());
    Cli with = Cli.run("report", copy.toString(), "--data", data.toString());
    assertThat(with.status()).as(with.text()).isZero();
    assertThat(copy.resolve("attack.json")).hasSameTextualContentAs(run.resolve("attack.json"));
    assertThat(Files.readString(copy.resolve("report.html"))).contains("data:image/png;base64,");
  }

  @Test
  void aDivergedShadowIsLeftOut() throws IOException {
    Path copy = copyOfRun(folder);
    String hash =
        Safetensors.read(copy.resolve("masks.safetensors")).metadata().get("configuration_hash");
    Files.delete(copy.resolve("models/0001.safetensors"));
    Files.delete(scores(copy, 1));
    Files.writeString(
        copy.resolve("models/0001.diverged.json"),
        "{\"configuration_hash\":\"" + hash + "\",\"model\":1,\"epoch\":2,\"step\":1,"
            + "\"loss\":\"NaN\",\"message\":\"training diverged in epoch 2\"}");
    Cli cli = Cli.run("audit", "--out", copy.toString());
    assertThat(cli.status()).as("results, and a warning").isEqualTo(5);
    assertThat(cli.out()).contains("AUROC", "3 shadows");
    assertThat(Files.readString(copy.resolve("report.html"))).contains("Model 1 was left out");
  }

  @Test
  void otherConfigurationsAreRefused() {
    Cli cli = Cli.run("audit", "--out", run.toString(), "--epochs", "9");
    assertThat(cli.status()).isEqualTo(4);
    assertThat(cli.err()).contains("epochs: 3 in the folder, 9 asked", "Nothing was changed");
  }
}
