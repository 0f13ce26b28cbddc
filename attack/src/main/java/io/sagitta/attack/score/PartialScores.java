package io.sagitta.attack.score;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.io.Safetensors.Entry;
import io.sagitta.nn.io.SaveInterval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tensors of a score file as far as they have come, in memory and, beside the score file, in
 * {@code NNNN.safetensors.partial}: the same tensors, zero where nothing is scored yet, and in the
 * metadata how far they have come. The tensors are made in stages, such as one estimator's scores or
 * its noise floors; a stage goes over all rows, which are samples under a view.
 */
final class PartialScores {
  private static final Logger LOG = LoggerFactory.getLogger(PartialScores.class);
  private static final String SUFFIX = ".partial";
  private static final String ROWS_DONE = "rows_done";

  /** What a killed process loses at most, where writing takes little time. */
  private static final long NANOS_BETWEEN_FILES = 10_000_000_000L;

  private final Path file;
  private final Map<String, String> metadata;
  private final long[] shape;
  private final Map<String, double[]> tensors = new LinkedHashMap<>();
  private final SaveInterval interval;
  private long rowsDone;

  /**
   * Begins with nothing.
   *
   * @param scores the score file; null where nothing is to be kept beside it
   * @param metadata what the tensors are made from, and all that their bits depend on
   * @param names of the tensors, in order
   * @param views of each tensor
   * @param samples of each tensor
   * @param nanos the clock
   */
  PartialScores(
      Path scores, Map<String, String> metadata, List<String> names, int views, int samples,
      LongSupplier nanos) {
    this.file = scores == null ? null : beside(scores);
    this.metadata = metadata;
    this.shape = new long[] {views, samples};
    int rows = Math.multiplyExact(views, samples);
    names.forEach(name -> tensors.put(name, new double[rows]));
    this.interval = new SaveInterval(nanos);
  }

  /** Deletes what was kept for a score file, if anything was. */
  static void delete(Path scores) {
    Path file = beside(scores);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be deleted: " + e, e);
    }
  }

  private static Path beside(Path scores) {
    return scores.resolveSibling(scores.getFileName() + SUFFIX);
  }

  /**
   * Goes on from the file, if there is one of the same metadata. Another's is passed over, and so is
   * a damaged one, with a warning: what was lost is scored again.
   *
   * @param stages how many there are
   * @param chunk samples of a view that are scored together
   */
  void resume(int stages, int chunk) {
    if (file == null || !Files.exists(file)) {
      return;
    }
    try {
      Safetensors.File found = Safetensors.read(file);
      Map<String, String> theirs = new HashMap<>(found.metadata());
      String done = theirs.remove(ROWS_DONE);
      if (theirs.equals(metadata)) {
        restore(found, done, stages, chunk);
      }
    } catch (BadFileException e) {
      LOG.warn("{}; passed over, and what was scored of this model is scored again", e.getMessage());
    }
  }

  private void restore(Safetensors.File found, String done, int stages, int chunk) {
    long rows = rows(done, stages * shape[0] * shape[1], chunk);
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String name : tensors.keySet()) {
      Entry entry = found.entry(name);
      if (entry.type() != Safetensors.Type.F64 || !Arrays.equals(entry.shape(), shape)) {
        throw new BadFileException(
            file, "tensor " + name + ": expected F64 " + Arrays.toString(shape) + ", found "
                + entry.type() + " " + Arrays.toString(entry.shape()));
      }
      values.put(name, entry.doubles());
    }
    tensors.putAll(values);
    rowsDone = rows;
  }

  private long rows(String text, long most, int chunk) {
    try {
      long rows = Long.parseLong(String.valueOf(text));
      if (rows >= 0 && rows <= most && rows % shape[1] % chunk == 0) {
        return rows;
      }
    } catch (NumberFormatException e) {
      // Told like a number that does not fit.
    }
    throw new BadFileException(
        file, "metadata " + ROWS_DONE + ": expected 0 to " + most + " in chunks of " + chunk
            + " samples of a view, found '" + text + "'");
  }

  /** The rows that a stage has done. */
  int done(int stage) {
    long rows = shape[0] * shape[1];
    return (int) Math.max(0, Math.min(rows, rowsDone - stage * rows));
  }

  /** A tensor's values [views · samples], to be filled. */
  double[] tensor(String name) {
    return tensors.get(name);
  }

  /** Some more rows are filled; writes the file if the last one is old enough. */
  void add(int rows) {
    rowsDone += rows;
    if (interval.isOlderThan(NANOS_BETWEEN_FILES) && interval.isWorthIt()) {
      save();
    }
  }

  /** Writes the file, whole or not at all. */
  void save() {
    if (file == null) {
      return;
    }
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(ROWS_DONE, Long.toString(rowsDone));
    interval.save(() -> Safetensors.write(file, entries(), all));
  }

  /** The tensors. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    tensors.forEach((name, values) -> entries.add(Entry.ofDoubles(name, shape, values)));
    return entries;
  }
}
