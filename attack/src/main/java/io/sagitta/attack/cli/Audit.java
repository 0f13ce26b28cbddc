package io.sagitta.attack.cli;

import io.sagitta.attack.console.ExitCode;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.run.RunConfig;
import io.sagitta.attack.work.Machines;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.function.UnaryOperator;

/** All four steps in turn. */
final class Audit {
  private Audit() {}

  /**
   * Runs what is not done yet, and prints the results. That the devices can score as asked is
   * found out before anything is made.
   *
   * @return the exit status
   */
  static int run(
      Path folder, UnaryOperator<RunConfig> config, Path data, Machines machines,
      Terminal terminal) {
    long start = System.nanoTime();
    UnaryOperator<RunConfig> scorable =
        recorded -> {
          RunConfig asked = config.apply(recorded);
          ScoreStep.settings(asked, machines::support);
          return asked;
        };
    try (Run run = Run.open(folder, scorable, data, machines::description, false)) {
      Steps steps = new Steps(run, terminal);
      steps.shadows(machines);
      steps.score(machines);
      Findings findings = steps.attack(AttackSettings.of(EnumSet.allOf(Mode.class)));
      ResultTable.print(findings, terminal.out());
      steps.report(findings);
      terminal.out().printf("Took %d s.%n", Math.round((System.nanoTime() - start) * 1e-9));
      terminal.out().flush();
      return (steps.diverged().isEmpty() ? ExitCode.OK : ExitCode.DIVERGED).status();
    }
  }
}
