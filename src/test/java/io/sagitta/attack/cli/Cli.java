package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What a command printed and how it ended. */
record Cli(int status, String out, String err) {
  /** Runs a command in this process, as if its output went to files. */
  static Cli run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false, () -> {});
    int status = Main.run(terminal, arguments);
    return new Cli(status, out.toString(), err.toString());
  }

  /** Everything printed. */
  String text() {
    return out + err;
  }
}
