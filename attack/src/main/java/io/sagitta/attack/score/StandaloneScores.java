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

/**
 * The score file of one model by itself, in the data set's order: {@code logits} F32 [N, K], {@code
 * loss} F64 [N], {@code score} F64 [N], {@code standard_error} F64 [N] of the score, estimated from
 * the spread of its trials, and, where asked for, the stencil's directions {@code v} and {@code u}
 * as I8 ±1 [n, N, C, H, W].
 */
public final class StandaloneScores {
  private StandaloneScores() {}

  /**
   * Scores and writes.
   *
   * @param keepDirections whether to write {@code v} and {@code u}; only the zero-order score has
   *     them
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
    Estimate estimate = scorer.score(dataset, views).get(0);
    long[] shape = {dataset.size()};
    List<Entry> entries = new ArrayList<>();
    entries.add(
        Entry.ofFloats(
            "logits", new long[] {dataset.size(), estimate.classes()}, floats(estimate.logits())));
    entries.add(Entry.ofDoubles("loss", shape, estimate.loss()));
    entries.add(Entry.ofDoubles("score", shape, estimate.curvature()));
    entries.add(Entry.ofDoubles("standard_error", shape, estimate.standardError()));
    if (keepDirections) {
      entries.addAll(directions(settings, dataset));
    }
    Safetensors.write(file, entries, RunScores.metadata(settings, dataset, views, provenance));
  }

  private static void requireDirections(ScoreSettings settings, ImageDataset dataset) {
    if (settings.estimator() != Estimator.ZO) {
      throw new IllegalArgumentException(
          "score: expected estimator zo to keep directions, got " + settings.estimator().text());
    }
    long bytes = (long) settings.n() * dataset.size() * dataset.imageElements();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "score: expected directions of at most 2 GiB, got " + bytes + " bytes for n = "
              + settings.n() + " and " + dataset.size() + " samples; keep fewer samples'");
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
