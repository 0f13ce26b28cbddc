package io.sagitta.attack.score;

import io.sagitta.engine.curvature.Estimate;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The score file of one model by itself, in the data set's order: {@code logits} F32 [N, K], {@code
 * loss} F64 [N], {@code score} F64 [N], {@code standard_error} F64 [N] of the score, estimated from
 * the spread of its trials. Plain queries add {@code noise_floor} F64 [N], what is in a score
 * beside curvature; the exact estimator adds {@code frobenius} F64 [N] and {@code eigenvalues} F64 [N,
 * K − 1], those of the input Hessian that are not zero, greatest first. Where asked for, there are
 * also the zero-order stencil's directions {@code v} and {@code u} as I8 ±1 [n, N, C, H, W], or the
 * exact one's unit eigenvectors of the greatest eigenvalue, {@code top} F32 [N, C, H, W].
 */
public final class StandaloneScores {
  private StandaloneScores() {}

  /**
   * Scores and writes.
   *
   * @param keepDirections whether to write {@code v} and {@code u}, or {@code top}; the other
   *     estimators have no such directions
   * @param provenance what else the file is made from, such as the hash of the weights
   */
  public static void write(
      Path file, ModelScorer scorer, ImageDataset dataset, boolean keepDirections,
      Map<String, String> provenance) {
    ScoreSettings settings = scorer.settings();
    if (keepDirections) {
      requireDirections(settings, dataset);
    }
    RunScores.requireFolder(file);
    List<View> views = List.of(View.IDENTITY);
    Spectra spectra = new Spectra(dataset, keepDirections);
    Estimate estimate = scorer.score(dataset, spectra);
    long[] shape = {dataset.size()};
    List<Entry> entries = new ArrayList<>();
    entries.add(
        Entry.ofFloats(
            "logits", new long[] {dataset.size(), estimate.classes()}, floats(estimate.logits())));
    entries.add(Entry.ofDoubles("loss", shape, estimate.loss()));
    entries.add(Entry.ofDoubles("score", shape, estimate.curvature()));
    entries.add(Entry.ofDoubles("standard_error", shape, estimate.standardError()));
    if (settings.relativeError() != 0) {
      long[] trials = IntStream.of(estimate.trials()).asLongStream().toArray();
      entries.add(Entry.ofLongs("trials", shape, trials));
    }
    entries.addAll(spectra.entries());
    if (settings.isNoisy()) {
      double[] floors = new double[dataset.size()];
      scorer.noiseFloors(
          dataset, views, 0, estimate.loss(),
          (part, row) -> System.arraycopy(part, 0, floors, row, part.length));
      entries.add(Entry.ofDoubles("noise_floor", shape, floors));
    }
    if (keepDirections && settings.estimator() == Estimator.ZO) {
      entries.addAll(directions(settings, dataset));
    }
    Safetensors.write(
        file, entries, RunScores.metadata(List.of(settings), dataset, views, provenance));
  }

  private static void requireDirections(ScoreSettings settings, ImageDataset dataset) {
    boolean exact = settings.estimator() == Estimator.EXACT;
    if (!exact && settings.estimator() != Estimator.ZO) {
      throw new IllegalArgumentException(
          "score: expected estimator zo or exact to keep directions, got "
              + settings.estimator().text());
    }
    long each = exact ? Float.BYTES : settings.n();
    long bytes = each * dataset.size() * dataset.imageElements();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "score: expected directions of at most 2 GiB, got " + bytes + " bytes for "
              + dataset.size() + " samples" + (exact ? "" : " and n = " + settings.n())
              + "; keep fewer samples'");
    }
  }

  private static List<Entry> directions(ScoreSettings settings, ImageDataset dataset) {
    ZeroOrder estimator =
        new ZeroOrder(
            settings.h(), settings.n(), settings.seed(), settings.batch(), settings.evaluation());
    int elements = dataset.imageElements();
    byte[] allV = new byte[settings.n() * dataset.size() * elements];
    byte[] allU = new byte[allV.length];
    byte[] v = new byte[elements];
    byte[] u = new byte[elements];
    int at = 0;
    for (int trial = 0; trial < settings.n(); trial++) {
      for (int s = 0; s < dataset.size(); s++) {
        estimator.directions(View.IDENTITY.sampleId(s), trial, v, u);
        planes(v, dataset.channels(), allV, at);
        planes(u, dataset.channels(), allU, at);
        at += elements;
      }
    }
    long[] shape = {
      settings.n(), dataset.size(), dataset.channels(), dataset.height(), dataset.width()
    };
    return List.of(Entry.ofBytes("v", shape, allV), Entry.ofBytes("u", shape, allU));
  }

  /** From [H, W, C] to [C, H, W]. */
  private static void planes(byte[] image, int channels, byte[] target, int at) {
    int pixels = image.length / channels;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int c = 0; c < channels; c++) {
        target[at + c * pixels + pixel] = image[pixel * channels + c];
      }
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
