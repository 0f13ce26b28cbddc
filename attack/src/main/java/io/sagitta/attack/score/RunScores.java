package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Estimate;
import io.sagitta.engine.curvature.Margin;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
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
    metadata.put("samples", Integer.toString(dataset.size()));
    metadata.putAll(provenance);
    return metadata;
  }

  /**
   * Whether a file is there, says of itself what {@code metadata} says, and has all that a file
   * made now would have.
   */
  public static boolean isCurrent(Path file, Map<String, String> metadata) {
    if (!Files.exists(file)) {
      return false;
    }
    Safetensors.File found = Safetensors.read(file);
    return found.metadata().equals(metadata) && found.entries().keySet().containsAll(OF_LOGITS);
  }

  /**
   * Scores a model and writes the file, unless it is there and {@linkplain #isCurrent current}. A
   * file made from something else is replaced; an interrupted call leaves no file.
   *
   * @param estimators the settings of each
   * @param listener hears of samples, each counted once a view and estimator
   * @return whether there was something to do
   * @throws BadFileException if there is no folder to write in
   */
  public static boolean write(
      Path file, ScoredModel model, List<ScoreSettings> estimators, ImageDataset dataset,
      List<View> views, Map<String, String> provenance, ScoreListener listener) {
    Map<String, String> metadata = metadata(estimators, dataset, views, provenance);
    if (isCurrent(file, metadata)) {
      return false;
    }
    requireFolder(file);
    List<Entry> entries = new ArrayList<>();
    for (int e = 0; e < estimators.size(); e++) {
      int before = e;
      ScoreListener part =
          (done, total) ->
              listener.onScored(before * total + done, estimators.size() * total);
      ModelScorer scorer = new ModelScorer(model, estimators.get(e), part);
      List<Estimate> estimates = scorer.score(dataset, views);
      entries.addAll(ofEstimator(scorer, estimates, dataset, views));
      if (e == estimators.size() - 1) {
        entries.addAll(ofLogits(estimates, dataset.labels()));
      }
    }
    Safetensors.write(file, entries, metadata);
    return true;
  }

  /** Fails before the work is done, not after. */
  static void requireFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BadFileException(file, "expected a folder to write it in, found none");
    }
  }

  private static List<Entry> ofEstimator(
      ModelScorer scorer, List<Estimate> estimates, ImageDataset dataset, List<View> views) {
    Estimator estimator = scorer.settings().estimator();
    long[] shape = {views.size(), dataset.size()};
    List<Entry> entries = new ArrayList<>();
    entries.add(entry(estimator.tensorName(), shape, estimates, (e, s) -> e.curvature()[s]));
    entries.add(entry(estimator.errorName(), shape, estimates, (e, s) -> e.standardError()[s]));
    if (scorer.settings().isNoisy()) {
      double[] losses = values(estimates, dataset.size(), (e, s) -> e.loss()[s]);
      entries.add(
          Entry.ofDoubles(
              estimator.noiseName(), shape, scorer.noiseFloors(dataset, views, losses)));
    }
    return entries;
  }

  private static List<Entry> ofLogits(List<Estimate> estimates, int[] labels) {
    long[] shape = {estimates.size(), labels.length};
    ToDoubleBiFunction<Estimate, Integer> margin =
        (e, s) -> Margin.of(e.logits(), s, e.classes(), labels[s]);
    return List.of(
        entry("loss", shape, estimates, (e, s) -> e.loss()[s]),
        entry(
            "prob_true", shape, estimates,
            (e, s) -> Margin.probability(margin.applyAsDouble(e, s))),
        entry(
            "prob_max", shape, estimates,
            (e, s) -> Confidence.greatest(e.logits(), s, e.classes())),
        entry("logit", shape, estimates, margin),
        entry(
            "mentr", shape, estimates,
            (e, s) -> Confidence.modifiedEntropy(e.logits(), s, e.classes(), labels[s])));
  }

  private static Entry entry(
      String name, long[] shape, List<Estimate> estimates,
      ToDoubleBiFunction<Estimate, Integer> value) {
    return Entry.ofDoubles(name, shape, values(estimates, (int) shape[1], value));
  }

  /** Of each view and sample. */
  private static double[] values(
      List<Estimate> estimates, int samples, ToDoubleBiFunction<Estimate, Integer> value) {
    double[] values = new double[Math.multiplyExact(estimates.size(), samples)];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.applyAsDouble(estimates.get(i / samples), i % samples);
    }
    return values;
  }
}
