package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Estimate;
import io.sagitta.engine.curvature.Margin;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The score file of one model of a run. For each estimator its score, named as {@link
 * Estimator#tensorName} says ({@code curv_zo}), with {@code curv_zo_standard_error}, and with plain
 * queries {@code curv_zo_noise_floor}, what is in the score beside curvature. Then {@code loss},
 * {@code prob_true}, {@code prob_max}, {@code logit} (log p_y − log(1 − p_y)) and {@code mentr},
 * the modified entropy. Each is F64 [views, samples]. The metadata names the views, how it was
 * scored, and what it was made from.
 */
public final class RunScores {
  /** The metadata key that says how many samples were scored, the first ones of the data. */
  public static final String SAMPLES_KEY = "samples";

  private static final List<String> OF_LOGITS =
      List.of("loss", "prob_true", "prob_max", "logit", "mentr");

  private RunScores() {}

  /**
   * What the metadata of a file made now would say.
   *
   * @param estimators that differ in nothing but the estimator and what belongs to it
   * @param provenance what else the file is made from, such as the hash of the weights
   */
  public static Map<String, String> metadata(
      List<ScoreSettings> estimators, ImageDataset dataset, List<View> views,
      Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>();
    estimators.forEach(settings -> settings.metadata().forEach(metadata::putIfAbsent));
    metadata.put(
        "estimator",
        estimators.stream().map(s -> s.estimator().text()).collect(Collectors.joining(",")));
    metadata.put("views", views.stream().map(View::text).collect(Collectors.joining(",")));
    metadata.put("dataset", dataset.name());
    metadata.put("dataset_hash", dataset.hash());
    metadata.put(SAMPLES_KEY, Integer.toString(dataset.size()));
    metadata.putAll(provenance);
    return metadata;
  }

  /**
   * Whether a file is there, says of itself what {@code metadata} says, and has all that a file
   * made now would have. If so, what a call that was killed just then left beside it is deleted.
   */
  public static boolean isDone(Path file, Map<String, String> metadata) {
    if (!Files.exists(file)) {
      return false;
    }
    Safetensors.File found = Safetensors.read(file);
    boolean done =
        found.metadata().equals(metadata) && found.entries().keySet().containsAll(OF_LOGITS);
    if (done) {
      PartialScores.delete(file);
    }
    return done;
  }

  /**
   * Scores a model and writes the file, unless that is {@linkplain #isDone done}. A file made from
   * something else is replaced. A call that the listener stops leaves no score file, but all that
   * was scored, in a file beside it; the next one with the same arguments on the same kind of device
   * goes on from there, to the same bits. A kill loses about ten seconds, or twenty times what
   * writing that file takes. Of a model that keeps its answers itself there is no such file.
   *
   * @param estimators the settings of each
   * @param listener hears of samples, each counted once a view and estimator
   * @return whether there was something to do
   * @throws BadFileException if there is no folder to write in
   * @throws NotFiniteException naming the sample for which the model gives no finite number
   */
  public static boolean write(
      Path file, ScoredModel model, List<ScoreSettings> estimators, ImageDataset dataset,
      List<View> views, Map<String, String> provenance, ScoreListener listener) {
    Map<String, String> metadata = metadata(estimators, dataset, views, provenance);
    if (isDone(file, metadata)) {
      return false;
    }
    requireFolder(file);
    PartialScores scores = begin(file, model, estimators, dataset, views, metadata);
    try {
      fill(scores, model, estimators, dataset, views, listener);
    } catch (NotFiniteException e) {
      // It would come to the same again.
      PartialScores.delete(file);
      throw e;
    }
    Safetensors.write(file, scores.entries(), metadata);
    PartialScores.delete(file);
    return true;
  }

  private static PartialScores begin(
      Path file, ScoredModel model, List<ScoreSettings> estimators, ImageDataset dataset,
      List<View> views, Map<String, String> metadata) {
    List<PartialScores.Column> columns =
        names(estimators).stream()
            .map(name -> PartialScores.Column.ofDoubles(name, views.size(), dataset.size()))
            .toList();
    int noisy = (int) estimators.stream().filter(ScoreSettings::isNoisy).count();
    return begin(
        file, new ModelScorer(model, estimators.get(0), ScoreListener.SILENT), dataset,
        views.size(), columns, metadata, estimators.size() + noisy);
  }

  /**
   * Begins, or goes on from what a stopped call with the same arguments left.
   *
   * @param scorer of the first stage
   * @param stages how many there are
   */
  static PartialScores begin(
      Path file, ModelScorer scorer, ImageDataset dataset, int views,
      List<PartialScores.Column> columns, Map<String, String> metadata, int stages) {
    int chunk = scorer.chunk(dataset);
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put("device", scorer.model().backend().name());
    all.put("chunk", Integer.toString(chunk));
    PartialScores scores =
        new PartialScores(
            scorer.model().keepsAnswers() ? null : file, all, columns, views, dataset.size(),
            System::nanoTime);
    scores.resume(stages, chunk);
    return scores;
  }

  /** The tensors, in the file's order. */
  private static List<String> names(List<ScoreSettings> estimators) {
    List<String> names = new ArrayList<>();
    for (ScoreSettings settings : estimators) {
      Estimator estimator = settings.estimator();
      names.add(estimator.tensorName());
      names.add(estimator.errorName());
      if (settings.isNoisy()) {
        names.add(estimator.noiseName());
      }
    }
    names.addAll(OF_LOGITS);
    return names;
  }

  private static void fill(
      PartialScores scores, ScoredModel model, List<ScoreSettings> estimators,
      ImageDataset dataset, List<View> views, ScoreListener listener) {
    int stage = 0;
    for (int e = 0; e < estimators.size(); e++) {
      int before = e;
      ScoreListener part =
          (done, total) ->
              listener.onScored(before * total + done, estimators.size() * total);
      ScoreSettings settings = estimators.get(e);
      Estimator estimator = settings.estimator();
      ModelScorer scorer = new ModelScorer(model, settings, scores.keeping(part));
      scorer.score(
          dataset, views, scores.done(stage++),
          (found, row) -> {
            copy(found.curvature(), scores.tensor(estimator.tensorName()), row);
            copy(found.standardError(), scores.tensor(estimator.errorName()), row);
            ofLogits(scores, found, dataset, row);
            scores.add(found.loss().length);
          });
      if (settings.isNoisy()) {
        scorer.noiseFloors(
            dataset, views, scores.done(stage++), scores.tensor("loss"),
            (floors, row) -> {
              copy(floors, scores.tensor(estimator.noiseName()), row);
              scores.add(floors.length);
            });
      }
    }
  }

  /** Fails before the work is done, not after. */
  static void requireFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BadFileException(file, "expected a folder to write it in, found none");
    }
  }

  static void copy(double[] part, double[] all, int row) {
    System.arraycopy(part, 0, all, row, part.length);
  }

  /** Of the estimator in work, whose noise floors want its losses; in the end, of the last one. */
  private static void ofLogits(
      PartialScores scores, Estimate found, ImageDataset dataset, int row) {
    int classes = found.classes();
    double[] logits = found.logits();
    for (int s = 0; s < found.loss().length; s++) {
      int at = row + s;
      int label = dataset.label(at % dataset.size());
      double margin = Margin.of(logits, s, classes, label);
      scores.tensor("loss")[at] = found.loss()[s];
      scores.tensor("prob_true")[at] = Margin.probability(margin);
      scores.tensor("prob_max")[at] = Confidence.greatest(logits, s, classes);
      scores.tensor("logit")[at] = margin;
      scores.tensor("mentr")[at] = Confidence.modifiedEntropy(logits, s, classes, label);
    }
  }
}
