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
import java.util.stream.Collectors;

/**
 * The score file of one model of a run: {@code curv_zo} (or the name of another estimator's
 * score), its {@code standard_error}, {@code loss}, {@code prob_true}, {@code prob_max} and {@code
 * logit} (log p_y − log(1 − p_y)), each F64 [views, samples]; with plain queries also {@code
 * noise_floor}, what is in the score beside curvature. The metadata names the views, how it was
 * scored, and what it was made from.
 */
public final class RunScores {
  private RunScores() {}

  /**
   * What the metadata of a file made now would say.
   *
   * @param provenance what else the file is made from, such as the hash of the weights
   */
  public static Map<String, String> metadata(
      ScoreSettings settings, ImageDataset dataset, List<View> views,
      Map<String, String> provenance) {
    Map<String, String> metadata = new LinkedHashMap<>(settings.metadata());
    metadata.put("views", views.stream().map(View::text).collect(Collectors.joining(",")));
    metadata.put("dataset", dataset.name());
    metadata.put("dataset_hash", dataset.hash());
    metadata.put("samples", Integer.toString(dataset.size()));
    metadata.putAll(provenance);
    return metadata;
  }

  /** Whether a file is there and says of itself what {@code metadata} says. */
  public static boolean isCurrent(Path file, Map<String, String> metadata) {
    return Files.exists(file) && Safetensors.read(file).metadata().equals(metadata);
  }

  /**
   * Scores a model and writes the file, unless it is there and {@linkplain #isCurrent current}. A
   * file made from something else is replaced; an interrupted call leaves no file.
   *
   * @return whether there was something to do
   * @throws BadFileException if there is no folder to write in
   */
  public static boolean write(
      Path file, ModelScorer scorer, ImageDataset dataset, List<View> views,
      Map<String, String> provenance) {
    Map<String, String> metadata = metadata(scorer.settings(), dataset, views, provenance);
    if (isCurrent(file, metadata)) {
      return false;
    }
    requireFolder(file);
    List<Estimate> estimates = scorer.score(dataset, views);
    List<Entry> entries = new ArrayList<>(entries(scorer, estimates, dataset.labels()));
    if (scorer.settings().isNoisy()) {
      long[] shape = {views.size(), dataset.size()};
      entries.add(Entry.ofDoubles("noise_floor", shape, scorer.noiseFloors(dataset, views)));
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

  private static List<Entry> entries(
      ModelScorer scorer, List<Estimate> estimates, int[] labels) {
    int samples = labels.length;
    int count = Math.multiplyExact(estimates.size(), samples);
    double[] curvature = new double[count];
    double[] error = new double[count];
    double[] loss = new double[count];
    double[] probTrue = new double[count];
    double[] probMax = new double[count];
    double[] logit = new double[count];
    for (int view = 0; view < estimates.size(); view++) {
      Estimate estimate = estimates.get(view);
      int from = view * samples;
      System.arraycopy(estimate.curvature(), 0, curvature, from, samples);
      System.arraycopy(estimate.standardError(), 0, error, from, samples);
      System.arraycopy(estimate.loss(), 0, loss, from, samples);
      for (int s = 0; s < samples; s++) {
        double margin = Margin.of(estimate.logits(), s, estimate.classes(), labels[s]);
        logit[from + s] = margin;
        probTrue[from + s] = Margin.probability(margin);
        probMax[from + s] = greatestProbability(estimate, s);
      }
    }
    long[] shape = {estimates.size(), samples};
    return List.of(
        Entry.ofDoubles(scorer.settings().estimator().tensorName(), shape, curvature),
        Entry.ofDoubles("standard_error", shape, error),
        Entry.ofDoubles("loss", shape, loss),
        Entry.ofDoubles("prob_true", shape, probTrue),
        Entry.ofDoubles("prob_max", shape, probMax),
        Entry.ofDoubles("logit", shape, logit));
  }

  private static double greatestProbability(Estimate estimate, int row) {
    int from = row * estimate.classes();
    int best = 0;
    for (int k = 1; k < estimate.classes(); k++) {
      best = estimate.logits()[from + k] > estimate.logits()[from + best] ? k : best;
    }
    return Margin.probability(Margin.of(estimate.logits(), row, estimate.classes(), best));
  }
}
