package io.sagitta.attack.console;

import io.sagitta.attack.run.Progress;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a command speaks: results to {@code out}, progress and errors to {@code err}. A bar is
 * drawn only where a person watches; elsewhere there are plain lines without control characters.
 */
public final class Terminal {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean interactive;
  private final Runnable stopCheck;

  /**
   * @param interactive whether {@code err} is a terminal
   * @param stopCheck throws {@link io.sagitta.attack.run.StoppedException} when the user has asked
   *     to stop; called between batches
   */
  public Terminal(PrintWriter out, PrintWriter err, boolean interactive, Runnable stopCheck) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.stopCheck = stopCheck;
  }

  /** The process's own streams. */
  static Terminal ofProcess(Runnable stopCheck) {
    // Java 17 has no such property, and writes as it does by default.
    String encoding = System.getProperty("stdout.encoding", Charset.defaultCharset().name());
    return new Terminal(
        new Results(new FileOutputStream(FileDescriptor.out), Charset.forName(encoding)),
        new PrintWriter(System.err, true), isInteractive(), stopCheck);
  }

  /** The start script knows; without it, a console means that input and output are terminals. */
  private static boolean isInteractive() {
    String told = System.getProperty("sagitta.terminal");
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    return !dumb && (told == null ? System.console() != null : Boolean.parseBoolean(told));
  }

  /** Takes results. */
  public PrintWriter out() {
    return out;
  }

  /** What kept results from being written; null where nothing did, as far as is known. */
  IOException outputFailure() {
    return out instanceof Results results ? results.failure() : null;
  }

  /** Takes what is not a result. */
  public PrintWriter err() {
    return err;
  }

  /** Whether control characters are welcome. */
  public boolean interactive() {
    return interactive;
  }

  /**
   * Called where work may end.
   *
   * @throws io.sagitta.attack.run.StoppedException when the user has asked to stop
   */
  public void check() {
    stopCheck.run();
  }

  /** A line about what happens, for people. */
  public void say(String line) {
    err.println(line);
    err.flush();
  }

  /**
   * Shows progress, and stops the work when the user has asked to.
   *
   * @param lines also receives it as JSON, a line an event; null for no file
   */
  public Progress progress(Path lines) {
    List<Progress> listeners = new ArrayList<>();
    listeners.add(interactive ? new BarProgress(err) : new LineProgress(err));
    if (lines != null) {
      listeners.add(new JsonLinesProgress(lines));
    }
    return new Stopping(listeners, stopCheck);
  }
}
