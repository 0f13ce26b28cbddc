package io.sagitta.attack.methods;

import io.sagitta.attack.run.Signal;
import java.util.Set;

/** One way to tell from scores whether a target model was trained on a sample. */
public interface Attack {
  /** The name in files and on the command line, such as {@code curv-zo-lr}. */
  String id();

  /** The name in tables and pictures. */
  String title();

  /** Who described it, where and when. */
  String reference();

  /** The corrected score of a sample, in a line of plain text; higher means "member". */
  String formula();

  /** In which arithmetic it exists: one that the paper's code has not is corrected only. */
  default Set<Mode> modes() {
    return Set.of(Mode.values());
  }

  /** What it must be given in a mode. */
  Needs needs(Mode mode);

  /**
   * Whether balanced accuracy is taken at the threshold of each class over the whole set, and
   * averaged, as the paper's code does for one attack.
   */
  default boolean thresholdsByClass(Mode mode) {
    return false;
  }

  /** Scores every sample of the input's target. */
  Guess guess(AttackInput input);

  /**
   * What an attack must be given.
   *
   * @param signals the scores it reads
   * @param inShadows whether it needs shadow models trained on the sample (an "online" attack)
   * @param outShadows whether it needs shadow models not trained on the sample
   * @param allViews whether it uses every view of the image or one
   */
  record Needs(Set<Signal> signals, boolean inShadows, boolean outShadows, boolean allViews) {
    /** Takes a copy of the signals. */
    public Needs {
      signals = Set.copyOf(signals);
    }

    /** Whether it needs shadow models at all. */
    public boolean shadows() {
      return inShadows || outShadows;
    }
  }

  /**
   * An attack's answer.
   *
   * @param scores {@code [samples]}: higher means "member"; NaN where the attack cannot say
   * @param imputed how many of them stand on a population average, because no shadow model had, or
   *     none lacked, the sample
   */
  record Guess(double[] scores, int imputed) {}
}
