package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;

/** What an attack on one target may look at; the target's own memberships are not among it. */
public final class AttackInput {
  private final ShadowPool pool;
  private final int target;
  private final Mode mode;

  AttackInput(ShadowPool pool, int target, Mode mode) {
    this.pool = pool;
    this.target = target;
    this.mode = mode;
  }

  /** Which arithmetic is asked for. */
  public Mode mode() {
    return mode;
  }

  /** How many samples there are. */
  public int samples() {
    return pool.scores().samples();
  }

  /** How many views of each sample there are. */
  public int views() {
    return pool.scores().views().size();
  }

  /** The class of a sample. */
  public long label(int sample) {
    return pool.scores().label(sample);
  }

  /**
   * The view that attacks on one view use: the image as it is; in {@link Mode#PAPER} the flipped
   * image, which the published code happens to score first. The first view where that one is
   * absent.
   */
  public int singleView() {
    return pool.scores()
        .viewOrFirst(mode == Mode.PAPER ? ScoreSet.FLIP : ScoreSet.IDENTITY);
  }

  /** The target's values of a feature under a view, {@code [samples]}. */
  public double[] target(Feature feature, int view) {
    return pool.values(feature, target, view);
  }

  /** The shadows' statistics of a feature. */
  public ShadowStatistics shadows(Feature feature) {
    return pool.statistics(feature);
  }

  /** How many shadows have a signal. */
  public int shadowCount(Signal signal) {
    return pool.shadows(signal).length;
  }

  /** The least positive value of a signal in any shadow; 1 when there is none. */
  public double leastPositive(Signal signal) {
    return pool.leastPositive(signal);
  }
}
