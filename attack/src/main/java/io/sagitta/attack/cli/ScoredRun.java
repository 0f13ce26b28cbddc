package io.sagitta.attack.cli;

import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.run.Progress;
import io.sagitta.attack.run.Run;
import io.sagitta.attack.study.StudiedRun;
import io.sagitta.attack.study.StudyListener;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The run whose scores a study looks at, and where its results go. */
final class ScoredRun {
  @Parameters(paramLabel = "RUN", description = "The run folder, with scores.")
  private Path folder;

  @Option(
      names = "--out", paramLabel = "DIR",
      description = "Receives the results (default: the study's folder in RUN/studies).")
  private Path out;

  /** Where the results go. */
  Path out(String study) {
    return out == null ? folder.resolve("studies").resolve(study) : out;
  }

  /** What the run holds. */
  StudiedRun read(Terminal terminal) {
    try (Run run = Run.existing(folder, null)) {
      return new Steps(run, terminal).studied();
    }
  }

  /** Shows how far a study of scores is. */
  static <T> T watched(String name, Terminal terminal, Function<StudyListener, T> study) {
    Progress progress = terminal.progress(null);
    progress.begin(name, 1, 0);
    try {
      progress.model(0);
      T result =
          study.apply(
              (part, fraction) -> progress.update(fraction, Map.of("evaluation", part)));
      progress.end("studied", Map.of());
      return result;
    } finally {
      progress.finish();
    }
  }
}
