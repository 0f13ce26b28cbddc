package io.sagitta.attack.score;

import io.sagitta.attack.score.PartialScores.Column;
import io.sagitta.engine.curvature.Estimate;
import io.sagitta.engine.curvature.ZeroOrder;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

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
  private static final List<View> VIEWS = List.of(View.IDENTITY);
  private static final String LOGITS = "logits";
  private static final String LOSS = "loss";
  private static final String SCORE = "score";
  private static final String ERROR = "standard_error";
  private static final String TRIALS = "trials";
  private static final String NOISE = "noise_floor";

  private StandaloneScores() {}

  /**
   * Scores and writes. A call that the listener stops leaves no score file, but all that was scored,
   * in a file beside it; the next one with the same arguments on the same kind of device goes on from
   * there, to the same bits, as {@link RunScores#write} does.
   *
   * @param keepDirections whether to write {@code v} and {@code u}, or {@code top}; the other
   *     estimators have no such directions
   * @param provenance what else the file is made from, such as the hash of the weights
   * @param listener hears of samples
   * @throws NotFiniteException naming the sample for which the model gives no finite number
   */
  public static void write(
      Path file, ScoredModel model, ScoreSettings settings, ImageDataset dataset,
      boolean keepDirections, Map<String, String> provenance, ScoreListener listener) {
    if (keepDirections) {
      requireDirections(settings, dataset);
    }
    RunScores.requireFolder(file);
    Map<String, String> metadata =
        RunScores.metadata(List.of(settings), dataset, VIEWS, provenance);
    PartialScores scores =
        RunScores.begin(
            file, new ModelScorer(model, settings, ScoreListener.SILENT), dataset, VIEWS.size(),
            columns(settings, dataset, keepDirections), metadata, settings.isNoisy() ? 2 : 1);
    try {
      fill(scores, new ModelScorer(model, settings, scores.keeping(listener)), dataset,
          keepDirections);
    } catch (NotFiniteException e) {
      // It would come to the same again.
      PartialScores.delete(file);
      throw e;
    }
    List<Entry> entries = new ArrayList<>(scores.entries());
    entries.replaceAll(entry -> entry.name().equals(TRIALS) ? whole(entry) : entry);
    if (keepDirections && settings.estimator() == Estimator.ZO) {
      entries.addAll(directions(settings, dataset));
    }
    Safetensors.write(file, entries, metadata);
    PartialScores.delete(file);
  }

  private static List<Column> columns(
      ScoreSettings settings, ImageDataset dataset, boolean keepDirections) {
    int samples = dataset.size();
    List<Column> columns = new ArrayList<>();
    columns.add(Column.ofFloats(LOGITS, samples, dataset.classes()));
    columns.add(Column.ofDoubles(LOSS, samples));
    columns.add(Column.ofDoubles(SCORE, samples));
    columns.add(Column.ofDoubles(ERROR, samples));
    if (settings.relativeError() != 0) {
      columns.add(Column.ofDoubles(TRIALS, samples));
    }
    if (settings.estimator() == Estimator.EXACT) {
      columns.addAll(Spectra.columns(dataset, keepDirections));
    }
    if (settings.isNoisy()) {
      columns.add(Column.ofDoubles(NOISE, samples));
    }
    return columns;
  }

  private static void fill(
      PartialScores scores, ModelScorer scorer, ImageDataset dataset, boolean keepDirections) {
    ScoreSettings settings = scorer.settings();
    boolean exact = settings.estimator() == Estimator.EXACT;
    scorer.score(
        dataset, VIEWS, scores.done(0),
        exact ? new Spectra(scores, dataset, keepDirections, scores.done(0)) : null,
        (found, row) -> {
          take(scores, found, row);
          scores.add(found.loss().length);
        });
    if (settings.isNoisy()) {
      scorer.noiseFloors(
          dataset, VIEWS, scores.done(1), scores.tensor(LOSS),
          (floors, row) -> {
            RunScores.copy(floors, scores.tensor(NOISE), row);
            scores.add(floors.length);
          });
    }
  }

  private static void take(PartialScores scores, Estimate found, int row) {
    float[] logits = scores.floats(LOGITS);
    for (int i = 0; i < found.logits().length; i++) {
      logits[row * found.classes() + i] = (float) found.logits()[i];
    }
    RunScores.copy(found.loss(), scores.tensor(LOSS), row);
    RunScores.copy(found.curvature(), scores.tensor(SCORE), row);
    RunScores.copy(found.standardError(), scores.tensor(ERROR), row);
    double[] trials = scores.tensor(TRIALS);
    for (int i = 0; trials != null && i < found.trials().length; i++) {
      trials[row + i] = found.trials()[i];
    }
  }

  /** As whole numbers. */
  private static Entry whole(Entry entry) {
    return Entry.ofLongs(
        entry.name(), entry.shape(),
        DoubleStream.of(entry.doubles()).mapToLong(value -> (long) value).toArray());
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
}
