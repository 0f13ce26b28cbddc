package io.sagitta.attack.study;

/** Hears how far a study is. */
@FunctionalInterface
public interface StudyListener {
  /**
   * Some samples were scored; may throw to stop.
   *
   * @param way which way is at work
   * @param fraction of all work that is done, counted in samples
   */
  void onScored(String way, double fraction);
}
