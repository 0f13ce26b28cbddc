package io.sagitta.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.ChildJava;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What benchmarks say to whoever holds them wrong; nothing is measured. */
class OptionsTest {
  @TempDir Path folder;

  private record Ended(int status, String text) {}

  private Ended run(String program, String... arguments) throws Exception {
    Path log = folder.resolve("log");
    Path work = Files.createDirectory(folder.resolve("work"));
    List<String> command = ChildJava.command("io.sagitta.bench." + program, List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it measures nothing").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(work).isEmptyDirectory();
    return new Ended(process.exitValue(), Files.readString(log));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AttackLoad", "Compare", "EstimatorTable", "PrivateTraining", "ShadowRate", "StreamAccuracy",
        "TrainingTable"
      })
  void helpIsPrintedAndNothingDone(String program) throws Exception {
    Ended help = run(program, "--help");
    assertThat(help.status).as(help.text).isZero();
    assertThat(help.text.lines().count()).isGreaterThan(1);
    assertThat(help.text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          AttackLoad --runs 3             | 2 | attacks: expected FOLDER
          AttackLoad here many            | 2 | SHADOWS: expected a whole number, got 'many'
          EstimatorTable --device tpu     | 2 | device: expected auto, host
          EstimatorTable --classes many   | 2 | --classes: expected a whole number, got 'many'
          PrivateTraining --rounds many   | 2 | private training: --rounds: expected a whole number
          PrivateTraining --turns 3       | 2 | private training: expected one of
          StreamAccuracy --h small        | 2 | accuracy: --h: expected a number, got 'small'
          TrainingTable --data nowhere    | 3 | nowhere: expected a folder
          """)
  void wrongUseEndsInALine(String line, int status, String message) throws Exception {
    String[] words = line.trim().split(" +");
    Ended ended = run(words[0], List.of(words).subList(1, words.length).toArray(String[]::new));
    assertThat(ended.text).contains(message).doesNotContain("\tat ");
    assertThat(ended.status).isEqualTo(status);
  }
}
