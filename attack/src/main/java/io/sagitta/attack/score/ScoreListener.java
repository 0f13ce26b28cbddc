package io.sagitta.attack.score;

/** Hears how far scoring has come. */
@FunctionalInterface
public interface ScoreListener {
  /** Does nothing. */
  ScoreListener SILENT = (done, total) -> {};

  /**
   * Some samples were scored. An exception thrown here stops the scoring; no score file is written
   * then, but {@link RunScores} keeps what was scored.
   *
   * @param done samples so far, each counted once a view
   * @param total samples times views
   */
  void onScored(int done, int total);
}
