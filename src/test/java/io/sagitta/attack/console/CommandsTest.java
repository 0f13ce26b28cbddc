package io.sagitta.attack.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;

class CommandsTest {
  private static Error failure;

  @Command(name = "failing")
  static final class Failing implements Callable<Integer> {
    @Override
    public Integer call() {
      throw failure;
    }
  }

  /** What escaped would leave a process that waits for its work to end, and prints a stack trace. */
  @ParameterizedTest
  @CsvSource({"NoClassDefFoundError, 1, unexpected error", "OutOfMemoryError, 6, some/Thing"})
  void errorsAreWordedToo(String kind, int status, String message) {
    failure =
        kind.equals("OutOfMemoryError")
            ? new OutOfMemoryError("some/Thing")
            : new NoClassDefFoundError("some/Thing");
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new PrintWriter(new StringWriter()), new PrintWriter(err, true), false, () -> {});
    assertThat(Commands.run(Failing.class, terminal)).isEqualTo(status);
    assertThat(err.toString()).startsWith("sagitta: " + message).contains("some/Thing");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @Command(name = "printing")
  static final class Printing implements Callable<Integer> {
    private final Terminal terminal;

    Printing(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      terminal.out().println("a result");
      return 0;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "No space left on device | 3 | sagitta: standard output: cannot be written: No space left",
        "Broken pipe | 141 | ''", "Relais brisé (pipe) | 141 | ''"
      })
  void resultsThatCannotBeWrittenAreAFailure(String failed, int status, String message) {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException(failed);
          }
        };
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new Results(broken, StandardCharsets.UTF_8), new PrintWriter(err, true), false,
            () -> {});
    assertThat(Commands.run(Printing.class, terminal)).isEqualTo(status);
    assertThat(err.toString()).startsWith(message);
    assertThat(err.toString().lines()).hasSize(message.isEmpty() ? 0 : 1);
  }

  @Test
  void aProcessFailsWhereItsOutputDoes() throws Exception {
    File full = new File("/dev/full");
    assumeTrue(full.exists(), "there is no /dev/full here");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "io.sagitta.attack.cli.Main", "--version")
            .redirectOutput(full)
            .start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isEqualTo(ExitCode.BAD_FILE.status());
    assertThat(err).startsWith("sagitta: standard output: cannot be written: ");
  }
}
