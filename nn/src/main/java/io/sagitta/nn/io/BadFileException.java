package io.sagitta.nn.io;

import java.nio.file.Path;

/** A file that is missing, damaged or not what was asked for; the message starts with its path. */
public final class BadFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Path path;

  /**
   * @param path the file
   * @param problem what was expected and what was found
   */
  public BadFileException(Path path, String problem) {
    this(path, problem, null);
  }

  /**
   * @param path the file
   * @param problem what was expected and what was found
   * @param cause what a decoder or the operating system said
   */
  public BadFileException(Path path, String problem, Throwable cause) {
    super(path + ": " + problem, cause);
    this.path = path;
  }

  /** The file. */
  public Path path() {
    return path;
  }
}
