package io.sagitta.attack.score;

import io.sagitta.engine.Shape;
import io.sagitta.engine.curvature.CurvatureEstimator;
import io.sagitta.engine.curvature.Estimate;
import io.sagitta.engine.curvature.ExactCurvature;
import io.sagitta.engine.curvature.InputSpectrum;
import io.sagitta.engine.curvature.NoiseFloor;
import io.sagitta.engine.curvature.Samples;
import io.sagitta.kernels.DType;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.models.Classifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Scores every sample of a data set with one model. */
public final class ModelScorer {
  /** Samples handed to the estimator at a time, at least; it cuts them into batches of its own. */
  private static final int CHUNK = 64;

  private final ScoredModel model;
  private final ScoreSettings settings;
  private final ScoreListener listener;

  /**
   * @param classifier the model; not closed by this
   * @param listener hears of every few samples
   */
  public ModelScorer(Classifier classifier, ScoreSettings settings, ScoreListener listener) {
    this(ScoredModel.of(classifier), settings, listener);
  }

  /**
   * @param listener hears of every few samples
   */
  public ModelScorer(ScoredModel model, ScoreSettings settings, ScoreListener listener) {
    DType found = model.backend().dtype();
    if (found != settings.dtype()) {
      throw new IllegalArgumentException(
          "score: expected a backend of " + settings.dtype() + " numbers, got one of " + found);
    }
    this.model = model;
    this.settings = settings;
    this.listener = listener;
  }

  /** The settings. */
  public ScoreSettings settings() {
    return settings;
  }

  /**
   * The scores of all samples, in the data set's order, under each view.
   *
   * @return one per view
   * @throws IllegalArgumentException if model and data set differ in their classes
   * @throws ArithmeticException naming the sample for which the model gives no finite number
   */
  public List<Estimate> score(ImageDataset dataset, List<View> views) {
    requireClasses(dataset);
    List<Estimate> estimates = new ArrayList<>();
    for (View view : views) {
      estimates.add(score(dataset, view, estimates.size(), views.size(), null));
    }
    return estimates;
  }

  /**
   * The same of the samples as they are, with the spectrum of each sample's Hessian where the
   * estimator finds it.
   *
   * @param spectra hears of each sample in order, or of none
   */
  public Estimate score(ImageDataset dataset, Consumer<InputSpectrum> spectra) {
    requireClasses(dataset);
    return score(dataset, View.IDENTITY, 0, 1, spectra);
  }

  /**
   * What is in the scores of plain queries beside curvature: what {@link NoiseFloor} measures, or
   * what the {@linkplain ScoredModel#lossRounding rounding} of the answers makes where that is
   * more. Of no use where streams are evaluated.
   *
   * @param losses [views · samples]
   * @return [views · samples]
   */
  double[] noiseFloors(ImageDataset dataset, List<View> views, double[] losses) {
    ScoreSettings here = here(dataset);
    NoiseFloor floor = here.noiseFloor();
    double[] floors = new double[Math.multiplyExact(views.size(), dataset.size())];
    int at = 0;
    for (View view : views) {
      for (int from = 0; from < dataset.size(); from += chunk(here)) {
        Samples part = chunk(dataset, view, from, chunk(here));
        double[] found = floor.measure(model.network(), model.backend(), part);
        for (double measured : found) {
          double rounding = settings.noiseOf(model.lossRounding().applyAsDouble(losses[at]));
          floors[at++] = Math.max(measured, rounding);
        }
        listener.onScored(floors.length, floors.length);
      }
    }
    return floors;
  }

  /** The settings with the batch that the model's device likes. */
  private ScoreSettings here(ImageDataset dataset) {
    return settings.inBatchesOf(
        model.backend().samplesAtOnce(settings.batch(), dataset.imageElements()));
  }

  /** Samples whose rows fill a batch. */
  private static int chunk(ScoreSettings here) {
    return Math.max(CHUNK, here.batch() / 2);
  }

  private static Samples chunk(ImageDataset dataset, View view, int from, int count) {
    int[] indices = IntStream.range(from, Math.min(from + count, dataset.size())).toArray();
    float[] images = new float[indices.length * dataset.imageElements()];
    view.read(dataset, indices, images);
    long[] ids = IntStream.of(indices).mapToLong(view::sampleId).toArray();
    Shape shape = Shape.of(dataset.height(), dataset.width(), dataset.channels());
    return new Samples(images, shape, dataset.labels(indices), ids);
  }

  private void requireClasses(ImageDataset dataset) {
    if (dataset.classes() != model.classes()) {
      throw new IllegalArgumentException(
          "score: expected a model of " + dataset.classes() + " classes for " + dataset.name()
              + ", got " + model.name() + " with " + model.classes());
    }
  }

  private Estimate score(
      ImageDataset dataset, View view, int viewsBefore, int views,
      Consumer<InputSpectrum> spectra) {
    int samples = dataset.size();
    int classes = dataset.classes();
    ScoreSettings here = here(dataset);
    CurvatureEstimator estimator = here.create();
    Estimate all =
        new Estimate(
            classes, new double[Math.multiplyExact(samples, classes)], new double[samples],
            new double[samples], new double[samples], new int[samples]);
    for (int from = 0; from < samples; from += chunk(here)) {
      Samples part = chunk(dataset, view, from, chunk(here));
      place(estimate(estimator, part, spectra), all, from);
      int to = from + part.count();
      requireFinite(all, from, to);
      listener.onScored(viewsBefore * samples + to, views * samples);
    }
    return all;
  }

  private Estimate estimate(
      CurvatureEstimator estimator, Samples part, Consumer<InputSpectrum> spectra) {
    if (spectra != null && estimator instanceof ExactCurvature exact) {
      List<InputSpectrum> found = new ArrayList<>();
      Estimate estimate =
          exact.estimate(model.network(), model.backend(), part, found);
      found.forEach(spectra);
      return estimate;
    }
    return estimator.estimate(model.network(), model.backend(), part);
  }

  private static void place(Estimate part, Estimate all, int from) {
    int count = part.loss().length;
    int classes = all.classes();
    System.arraycopy(part.logits(), 0, all.logits(), from * classes, count * classes);
    System.arraycopy(part.loss(), 0, all.loss(), from, count);
    System.arraycopy(part.curvature(), 0, all.curvature(), from, count);
    System.arraycopy(part.standardError(), 0, all.standardError(), from, count);
    System.arraycopy(part.trials(), 0, all.trials(), from, count);
  }

  private static void requireFinite(Estimate all, int from, int to) {
    for (int s = from; s < to; s++) {
      if (!Double.isFinite(all.loss()[s]) || !Double.isFinite(all.curvature()[s])) {
        throw new ArithmeticException(
            "score: expected finite numbers, got loss " + all.loss()[s] + " and curvature "
                + all.curvature()[s] + " for sample " + s + "; are the model's weights finite?");
      }
    }
  }
}
