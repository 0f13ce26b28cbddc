package io.sagitta.attack.console;

import io.sagitta.attack.run.RunConflictException;
import io.sagitta.attack.run.StoppedException;
import io.sagitta.attack.score.NotFiniteException;
import io.sagitta.attack.shadow.AllDivergedException;
import io.sagitta.attack.target.TargetException;
import io.sagitta.attack.work.ClusterException;
import io.sagitta.kernels.DeviceException;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.train.DivergedException;
import java.io.UncheckedIOException;

/** What a command's exit status says. */
public enum ExitCode {
  OK(0, "everything asked for is done"),
  UNEXPECTED(1, "an error of Sagitta itself; --verbose prints where"),
  USAGE(2, "an option or argument is unknown, missing or out of range"),
  BAD_FILE(
      3,
      "a file is missing, damaged, not what was asked for, or it or the output cannot be written"),
  CONFLICT(4, "the run folder was made with another configuration, or is in use"),
  DIVERGED(5, "a model's loss or score was no finite number; the other models are done and kept"),
  DEVICE(
      6,
      "the device cannot be used, failed or was lost, or work on a cluster failed; or memory ran"
          + " out, there or in Java"),
  TARGET(7, "an external target failed, does not fit, or its budget is spent; answers are kept"),
  INTERRUPTED(130, "stopped by Ctrl-C (143: by SIGTERM); the same command continues"),
  UNREAD(141, "all is done, but nobody read the output to its end, as with '| head'");

  private final int status;
  private final String meaning;

  ExitCode(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  /** The process's exit status. */
  public int status() {
    return status;
  }

  /** What it says, in a line. */
  public String meaning() {
    return meaning;
  }

  /** The code of a failure. */
  public static ExitCode of(Throwable failure) {
    if (failure instanceof StoppedException) {
      return INTERRUPTED;
    }
    if (failure instanceof RunConflictException) {
      return CONFLICT;
    }
    if (failure instanceof DivergedException
        || failure instanceof AllDivergedException
        || failure instanceof NotFiniteException) {
      return DIVERGED;
    }
    if (failure instanceof BadFileException || failure instanceof UncheckedIOException) {
      return BAD_FILE;
    }
    if (failure instanceof TargetException) {
      return TARGET;
    }
    if (failure instanceof DeviceException
        || failure instanceof ClusterException
        || failure instanceof OutOfMemoryError) {
      return DEVICE;
    }
    return failure instanceof IllegalArgumentException ? USAGE : UNEXPECTED;
  }
}
