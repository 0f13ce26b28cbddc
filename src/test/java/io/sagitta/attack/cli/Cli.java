package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command printed and how it ended. */
record Cli(int status, String out, String err) {
  /** Runs a command in this process, as if its output went to files. */
  static Cli run(String... arguments) {
    return run(() -> {}, arguments);
  }

  /**
   * The same, with somebody who may stop it.
   *
   * @param stopCheck throws to stop; called between batches
   */
  static Cli run(Runnable stopCheck, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, stopCheck);
    int status = Main.run(terminal, arguments);
    return new Cli(status, out.toString(), err.toString());
  }

  /** Everything printed. */
  String text() {
    return out + err;
  }
}
