package io.sagitta.attack.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.run.RunConflictException;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.run.TinyCifar;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.models.Models;
import io.sagitta.nn.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "audit", "shadows", "score", "attack", "report", "train", "experiment", "devices"
      })
  void helpHasExamplesAndExitCodes(String command) {
    Cli help = Cli.run(command, "--help");
    assertThat(help.status()).isZero();
    assertThat(help.out())
        .contains("Usage: sagitta " + command, "Examples:", "  sagitta " + command)
        .contains("Exit codes:", "130   stopped by Ctrl-C")
        .matches("[\\P{Cntrl}\\n]*");
    assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
    assertThat(Cli.run("--help").out()).contains("  " + command + " ");
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(Cli.run("--version").out()).matches("sagitta \\d+\\.\\d+\\.\\d+\\S*, Java .*\\n");
  }

  @Test
  void completionKnowsTheCommands() {
    assertThat(Cli.run("generate-completion").out()).contains("--train-samples", "devices");
  }

  @Test
  void unknownWordsGetASuggestion() {
    Cli option = Cli.run("audit", "--out", "x", "--shadow", "3");
    assertThat(option.status()).isEqualTo(2);
    assertThat(option.err()).contains("Unknown option", "--shadow", "--shadows", "audit --help");
    Cli command = Cli.run("audti");
    assertThat(command.status()).isEqualTo(2);
    assertThat(command.err()).contains("audti", "Did you mean", "sagitta audit");
    Cli architecture =
        Cli.run("audit", "--out", path("x"), "--dataset", "synthetic", "--arch", "resnt8");
    assertThat(architecture.status()).isEqualTo(2);
    assertThat(architecture.err()).contains("did you mean resnet8?");
  }

  @Test
  void everyArchitectureIsInTheHelp() {
    for (String command : List.of("audit", "train", "score")) {
      String help = Cli.run(command, "--help").out().replaceAll("\\s+", " ");
      assertThat(help).contains(Models.architectures());
    }
  }

  @Test
  void sizesAndWidthsAreCheckedBeforeAnythingIsMade() {
    usage("multiple of its 3 heads, got 64",
        "audit", "--out", path("x"), "--dataset", "synthetic", "--arch", "vit-tiny",
        "--width", "64");
    usage("every model gets 1 at least, got 1, of which model 1 gets 0",
        "audit", "--out", path("x"), "--dataset", "synthetic", "--train-samples", "1");
    usage("every model gets 15 at least, got 30, of which model",
        "audit", "--out", path("x"), "--dataset", "synthetic", "--train-samples", "30", "--batch",
        "15", "--dp-noise", "1");
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void wrongUseIsExplainedInALineOrTwo() {
    usage("--dataset: expected cifar100", "audit", "--out", path("x"));
    usage("'--out=RUN'", "audit", "--dataset", "synthetic");
    usage("cifar1000", "audit", "--out", path("x"), "--dataset", "cifar1000");
    usage("--data", "audit", "--out", path("x"), "--dataset", "cifar10");
    usage("shadows: expected at least 2, got 1",
        "shadows", path("x"), "--dataset", "synthetic", "--shadows", "1");
    usage("'--epochs'", "audit", "--out", path("x"), "--epochs", "many");
    usage("cuda:N, cuda:all or a list such as cuda:0,cuda:1, got 'tpu'",
        "demo", "--out", path("x"), "--device", "tpu");
    usage("expected each once, got 'cuda:1,cuda:1'",
        "demo", "--out", path("x"), "--device", "cuda:1,cuda:1");
    usage("--mode", "attack", path("x"), "--mode", "wrong");
    usage("--masks", "attack");
    usage("RUN", "score");
    assertThat(Files.exists(folder.resolve("x"))).as("nothing is made").isFalse();
    assertThat(Cli.run().status()).isEqualTo(2);
  }

  private void usage(String message, String... arguments) {
    Cli cli = Cli.run(arguments);
    assertThat(cli.status()).as(cli.text()).isEqualTo(2);
    String err = cli.err().replaceFirst("^computing on the host: .*\n", "");
    assertThat(err).startsWith("sagitta: ").contains(message).doesNotContain("\tat ");
    assertThat(cli.out()).isEmpty();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void eachKindOfFailureHasItsCode() throws IOException {
    Path data = TinyCifar.write(folder.resolve("data"), 4);
    Cli missing = Cli.run("shadows", path("x"), "--dataset", "cifar10", "--data", path("none"));
    assertThat(missing.status()).isEqualTo(3);
    assertThat(missing.err()).contains(path("none")).doesNotContain("\tat ");
    Cli noRun = Cli.run("score", path("x"));
    assertThat(noRun.status()).isEqualTo(4);
    assertThat(noRun.err()).contains("found no run.json");
    Files.writeString(folder.resolve("file"), "");
    Cli cannotMake = Cli.run(join("shadows", path("file/run"), TinyCifar.options(data)));
    assertThat(cannotMake.status()).isEqualTo(3);
    assertThat(cannotMake.err()).contains("file/run: cannot be made");
    assertThat(ExitCode.of(new DivergedException(0, 0, Double.NaN)).status()).isEqualTo(5);
    assertThat(ExitCode.of(new OutOfMemoryError("full")).status()).isEqualTo(6);
    assertThat(ExitCode.of(new StoppedException("enough")).status()).isEqualTo(130);
    assertThat(ExitCode.of(new RunConflictException("in use")).status()).isEqualTo(4);
    assertThat(ExitCode.of(new BadFileException(data, "bad")).status()).isEqualTo(3);
    assertThat(ExitCode.of(new UncheckedIOException(new IOException())).status()).isEqualTo(3);
    assertThat(ExitCode.of(new IllegalStateException("a bug")).status()).isEqualTo(1);
  }

  private static String[] join(String command, String run, String... options) {
    String[] all = new String[options.length + 2];
    all[0] = command;
    all[1] = run;
    System.arraycopy(options, 0, all, 2, options.length);
    return all;
  }

  @Test
  void stackTracesAreForTheVerbose() {
    assertThat(Cli.run("score", path("x"), "--verbose").err())
        .contains("found no run.json", "RunConflictException", "\tat io.sagitta");
  }

  @Test
  void devicesSaysWhatIsUsedAndWhyNotTheOthers() {
    Cli devices = Cli.run("devices");
    assertThat(devices.status()).isZero();
    assertThat(devices.out())
        .contains("host: ", "FP32", "cuda", "auto takes ", "Java ");
  }
}
