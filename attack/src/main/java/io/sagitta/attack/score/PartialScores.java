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
  private final List<Column> columns;
  private final long rows;
  private final int samples;
  private final Map<String, double[]> doubles = new HashMap<>();
  private final Map<String, float[]> floats = new HashMap<>();
  private final SaveInterval interval;
  private long rowsDone;

  /**
   * A tensor that is filled row by row.
   *
   * @param type F64 or F32
   * @param shape begins with views and samples, or with the samples of the only view
   */
  record Column(String name, Safetensors.Type type, long... shape) {
    /** Of float64 numbers. */
    static Column ofDoubles(String name, long... shape) {
      return new Column(name, Safetensors.Type.F64, shape);
    }

    /** Of float32 numbers. */
    static Column ofFloats(String name, long... shape) {
      return new Column(name, Safetensors.Type.F32, shape);
    }

    private int elements() {
      return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }
  }

  /**
   * Begins with nothing.
   *
   * @param scores the score file; null where nothing is to be kept beside it
   * @param metadata what the tensors are made from, and all that their bits depend on
   * @param columns the tensors, in order
   * @param views under which each sample is scored
   * @param samples how many there are
   * @param nanos the clock
   */
  PartialScores(
      Path scores, Map<String, String> metadata, List<Column> columns, int views, int samples,
      LongSupplier nanos) {
    this.file = scores == null ? null : beside(scores);
    this.metadata = metadata;
    this.columns = List.copyOf(columns);
    this.samples = samples;
    this.rows = Math.multiplyExact(views, samples);
    for (Column column : columns) {
      if (column.type() == Safetensors.Type.F32) {
        floats.put(column.name(), new float[column.elements()]);
      } else {
        doubles.put(column.name(), new double[column.elements()]);
      }
    }
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
    long already = rows(done, stages * rows, chunk);
    for (Column column : columns) {
      Entry entry = found.entry(column.name());
      if (entry.type() != column.type() || !Arrays.equals(entry.shape(), column.shape())) {
        throw new BadFileException(
            file, "tensor " + column.name() + ": expected " + column.type() + " "
                + Arrays.toString(column.shape()) + ", found " + entry.type() + " "
                + Arrays.toString(entry.shape()));
      }
    }
    doubles.replaceAll((name, nothing) -> found.entry(name).doubles());
    floats.replaceAll((name, nothing) -> found.entry(name).floats());
    rowsDone = already;
  }

  private long rows(String text, long most, int chunk) {
    try {
      long already = Long.parseLong(String.valueOf(text));
      if (already >= 0 && already <= most && already % samples % chunk == 0) {
        return already;
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
    return (int) Math.max(0, Math.min(rows, rowsDone - stage * rows));
  }

  /** The values of a tensor of float64 numbers, to be filled. */
  double[] tensor(String name) {
    return doubles.get(name);
  }

  /** The values of a tensor of float32 numbers, to be filled. */
  float[] floats(String name) {
    return floats.get(name);
  }

  /** Some more rows are filled; writes the file if the last one is old enough. */
  void add(int more) {
    rowsDone += more;
    if (interval.isOlderThan(NANOS_BETWEEN_FILES) && interval.isWorthIt()) {
      save();
    }
  }

  /** The listener, and the file written before what it throws ends the scoring. */
  ScoreListener keeping(ScoreListener listener) {
    return (done, total) -> {
      try {
        listener.onScored(done, total);
      } catch (RuntimeException stopped) {
        save();
        throw stopped;
      }
    };
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
    for (Column column : columns) {
      String name = column.name();
      entries.add(
          column.type() == Safetensors.Type.F32
              ? Entry.ofFloats(name, column.shape(), floats.get(name))
              : Entry.ofDoubles(name, column.shape(), doubles.get(name)));
    }
    return entries;
  }
}
