package io.sagitta.attack.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
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
}
