package io.sagitta.attack.study;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.kernels.Philox;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Which images the models of a size are trained on. */
public enum Subsets {
  /** Random ones. */
  RANDOM,
  /** Those that are memorised most, by their curvature under models that had them. */
  MEMORISED;

  private static final int PHILOX_PURPOSE = 43;

  /** Smaller training sets say nothing. */
  private static final int LEAST = 20;

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Subsets of(String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--subsets: expected one of "
                        + Arrays.stream(values()).map(Subsets::text)
                            .collect(Collectors.joining(", "))
                        + ", got '" + name + "'"));
  }

  /** The name, such as {@code random}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The sizes to study, ascending.
   *
   * @param asked those asked for; none for the paper's, scaled
   * @param records how many there are; a size m needs 2m of them
   * @throws IllegalArgumentException if one that was asked for does not fit, or none is left
   */
  public static int[] sizes(List<Integer> asked, double scale, int records) {
    if (!(scale > 0 && scale <= 1)) {
      throw new IllegalArgumentException("--scale: expected above 0 to 1, got " + scale);
    }
    int most = records / 2;
    for (int size : asked) {
      if (size < LEAST || size > most) {
        throw new IllegalArgumentException(
            "--sizes: expected " + LEAST + " to " + most + ", half of the " + records
                + " images there are, got " + size);
      }
    }
    int[] sizes =
        (asked.isEmpty()
                ? SizeStudy.PUBLISHED.stream().mapToInt(m -> (int) Math.round(scale * m))
                : asked.stream().mapToInt(Integer::intValue))
            .filter(m -> m >= LEAST && m <= most)
            .distinct()
            .sorted()
            .toArray();
    if (sizes.length == 0) {
      throw new IllegalArgumentException(
          "--scale: expected one that leaves a size of " + LEAST + " to " + most + ", half of the "
              + records + " images there are, got " + scale);
    }
    return sizes;
  }

  /** All records in a random order; the first so many are a random choice within the next. */
  public static int[] random(long seed, int records) {
    Philox philox = new Philox(seed);
    long stream = Philox.stream(PHILOX_PURPOSE, 0);
    double[] keys = new double[records];
    Arrays.setAll(keys, i -> philox.uniform(stream, i));
    return sorted(records, Comparator.comparingDouble(i -> keys[i]));
  }

  /**
   * Records by the mean log curvature of the images under models that had them, the greatest first.
   *
   * @param records of the run's samples
   */
  public static int[] byCurvature(int[] records, StudiedRun run) {
    ScoreSet scores = run.scores();
    int view = scores.viewOrFirst(ScoreSet.IDENTITY);
    double[] sums = new double[records.length];
    int[] counts = new int[records.length];
    for (int model : run.models(Signal.CURV_ZO)) {
      double[] curvature = scores.values(Signal.CURV_ZO, model, view);
      for (int s = 0; s < records.length; s++) {
        if (scores.member(model, s) && curvature[s] > 0) {
          sums[s] += Math.log(curvature[s]);
          counts[s]++;
        }
      }
    }
    double[] means = new double[records.length];
    Arrays.setAll(
        means, s -> counts[s] == 0 ? Double.NEGATIVE_INFINITY : sums[s] / counts[s]);
    return Arrays.stream(
            sorted(records.length, Comparator.<Integer>comparingDouble(s -> -means[s])))
        .map(s -> records[s])
        .toArray();
  }

  private static int[] sorted(int count, Comparator<Integer> order) {
    return IntStream.range(0, count)
        .boxed()
        .sorted(order.thenComparing(Comparator.naturalOrder()))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
