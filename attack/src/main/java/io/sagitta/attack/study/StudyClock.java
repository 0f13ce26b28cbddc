package io.sagitta.attack.study;

import io.sagitta.attack.score.ModelScorer;
import io.sagitta.attack.score.ScoreListener;
import io.sagitta.attack.score.ScoreSettings;
import io.sagitta.engine.curvature.InputSpectrum;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.Classifier;
import java.util.function.Consumer;

/** Scores samples and says how long it took. */
final class StudyClock {
  /** Samples that are scored before the clock starts, while kernels are compiled and chosen. */
  private static final int WARM_UP = 16;

  private static final double NANOS = 1e-9;

  /**
   * Scores.
   *
   * @param seconds for all of them
   */
  record Timed(double[] scores, double seconds) {}

  private StudyClock() {}

  /**
   * Scores all samples, after a few unmeasured ones.
   *
   * @param spectra hears of each sample where the estimator finds its spectrum; or null
   */
  static Timed score(
      Classifier classifier, ScoreSettings settings, ImageDataset samples, ScoreListener progress,
      Consumer<InputSpectrum> spectra) {
    ImageDataset first = samples.first(Math.min(WARM_UP, samples.size()));
    new ModelScorer(classifier, settings, (done, total) -> progress.onScored(0, 1))
        .score(first, spectrum -> {});
    long start = System.nanoTime();
    double[] scores =
        new ModelScorer(classifier, settings, progress).score(samples, spectra).curvature();
    return new Timed(scores, (System.nanoTime() - start) * NANOS);
  }
}
