package io.sagitta.attack.methods;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.function.Supplier;

/** What an attack on one target may look at; the target's own memberships are not among it. */
public final class AttackInput {
  private final ShadowPool pool;
  private final int target;
  private final Mode mode;
  private final AttackSettings settings;

  AttackInput(ShadowPool pool, int target, Mode mode, AttackSettings settings) {
    this.pool = pool;
    this.target = target;
    this.mode = mode;
    this.settings = settings;
  }

  /** Which arithmetic is asked for. */
  public Mode mode() {
    return mode;
  }

  /** How corrected attacks estimate variances. */
  public Variance variance() {
    return settings.variance();
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

  /** The corrected logarithm of a curvature, down to the least positive one of any shadow. */
  public Feature logFeature(Signal signal) {
    return pool.logFeature(signal);
  }

  /**
   * The views that count in a corrected attack that reads several.
   *
   * @param name of the evidence, one for the same arithmetic
   */
  int[] chosenViews(String name, Feature feature, ViewEvidence evidence) {
    return pool.views(
        name + " of " + feature.name(), () -> settings.views().of(pool, feature, evidence));
  }

  /** The shadows, for what is learnt from them once for all targets. */
  ShadowPool pool() {
    return pool;
  }

  /** What is made of the shadows alone, made once under this name. */
  <T> T once(String name, Supplier<T> make) {
    return pool.once(name, make);
  }
}
