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
import java.util.function.ObjIntConsumer;
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

  /** The model. */
  ScoredModel model() {
    return model;
  }

  /** The settings. */
  public ScoreSettings settings() {
    return settings;
  }

  /**
   * Scores every sample, in the data set's order, under one view after the other. A row is a sample
   * under a view, and has the number view · samples + sample.
   *
   * @param done rows to pass over; up to here an earlier call handed them out
   * @param receiver is handed a chunk of rows with the number of its first, before the listener
   *     hears of it
   * @throws IllegalArgumentException if model and data set differ in their classes
   * @throws NotFiniteException naming the sample for which the model gives no finite number
   */
  void score(
      ImageDataset dataset, List<View> views, int done, ObjIntConsumer<Estimate> receiver) {
    score(dataset, views, done, null, receiver);
  }

  /**
   * The scores of the samples as they are, with the spectrum of each sample's Hessian where the
   * estimator finds it.
   *
   * @param spectra hears of each sample in order, or of none
   * @throws IllegalArgumentException if model and data set differ in their classes
   * @throws NotFiniteException naming the sample for which the model gives no finite number
   */
  public Estimate score(ImageDataset dataset, Consumer<InputSpectrum> spectra) {
    int samples = dataset.size();
    int classes = dataset.classes();
    Estimate all =
        new Estimate(
            classes, new double[Math.multiplyExact(samples, classes)], new double[samples],
            new double[samples], new double[samples], new int[samples]);
    score(
        dataset, List.of(View.IDENTITY), 0, spectra, (part, row) -> place(part, all, row));
    return all;
  }

  /**
   * What is in the scores of plain queries beside curvature: what {@link NoiseFloor} measures, or
   * what the {@linkplain ScoredModel#lossRounding rounding} of the answers makes where that is
   * more. Of no use where streams are evaluated.
   *
   * @param done rows to pass over, as in scoring
   * @param losses of all rows
   * @param receiver is handed a chunk of rows with the number of its first, before the listener
   *     hears of it
   */
  void noiseFloors(
      ImageDataset dataset, List<View> views, int done, double[] losses,
      ObjIntConsumer<double[]> receiver) {
    NoiseFloor floor = here(dataset).noiseFloor();
    eachChunk(
        dataset, views, done,
        (part, row) -> {
          double[] floors = floor.measure(model.network(), model.backend(), part);
          for (int i = 0; i < floors.length; i++) {
            double rounding = model.lossRounding().applyAsDouble(losses[row + i]);
            floors[i] = Math.max(floors[i], settings.noiseOf(rounding));
          }
          receiver.accept(floors, row);
          listener.onScored(losses.length, losses.length);
        });
  }

  /**
   * How many samples the estimator is handed at a time: those whose rows fill a batch. The last bits
   * of their scores depend on it.
   */
  int chunk(ImageDataset dataset) {
    return Math.max(CHUNK, here(dataset).batch() / 2);
  }

  /** The settings with the batch that the model's device likes. */
  private ScoreSettings here(ImageDataset dataset) {
    return settings.inBatchesOf(
        model.backend().samplesAtOnce(settings.batch(), dataset.imageElements()));
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

  /**
   * The same, with the spectrum of each sample's Hessian where the estimator finds it.
   *
   * @param spectra hears of each sample in order, before the receiver; or null
   */
  void score(
      ImageDataset dataset, List<View> views, int done, Consumer<InputSpectrum> spectra,
      ObjIntConsumer<Estimate> receiver) {
    requireClasses(dataset);
    CurvatureEstimator estimator = here(dataset).create();
    int rows = Math.multiplyExact(views.size(), dataset.size());
    eachChunk(
        dataset, views, done,
        (part, row) -> {
          Estimate found = estimate(estimator, part, spectra);
          requireFinite(found, row % dataset.size());
          receiver.accept(found, row);
          listener.onScored(row + part.count(), rows);
        });
  }

  /** The rows that are not done. A chunk has rows of one view. */
  private void eachChunk(
      ImageDataset dataset, List<View> views, int done, ObjIntConsumer<Samples> work) {
    int samples = dataset.size();
    int rows = Math.multiplyExact(views.size(), samples);
    int size = chunk(dataset);
    for (int row = done; row < rows; ) {
      Samples part = chunk(dataset, views.get(row / samples), row % samples, size);
      work.accept(part, row);
      row += part.count();
    }
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

  private void requireFinite(Estimate found, int first) {
    for (int s = 0; s < found.loss().length; s++) {
      double loss = found.loss()[s];
      if (!Double.isFinite(loss) || !Double.isFinite(found.curvature()[s])) {
        throw new NotFiniteException(
            "score: expected finite numbers, got loss " + loss + " and curvature "
                + found.curvature()[s] + " for sample " + (first + s)
                + (Double.isFinite(loss) ? ofEstimate() : "; are the model's weights finite?"));
      }
    }
  }

  /** What may be wrong where the model answers. */
  private String ofEstimate() {
    return settings.estimator().hasStep()
        ? "; is the step h = " + settings.h() + " in proportion to the images?" : "";
  }
}
