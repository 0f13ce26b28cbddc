package io.sagitta.attack.run;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything an attack may look at: which model was trained on which sample, the samples' labels,
 * and each model's scores of each sample under each view (an augmentation of the image). A model
 * whose training failed has memberships but no scores.
 *
 * <p>Scores are kept in the precision they came in, one array {@code [views, samples]} for each
 * model and signal: 64 models × 50,000 samples × 2 views take 26 MB a signal in float and 51 MB in
 * double.
 */
public final class ScoreSet {
  /** The view of the image as it is. */
  public static final String IDENTITY = "identity";

  /** The view of the horizontally flipped image. */
  public static final String FLIP = "flip";

  private final boolean[][] members;
  private final long[] labels;
  private final List<String> views;
  private final Map<Signal, Values[]> scores = new EnumMap<>(Signal.class);

  /** One model's values of one signal, {@code [views, samples]} row-major. */
  private interface Values {
    double at(int index);
  }

  /**
   * A set without scores yet.
   *
   * @param members {@code [models, samples]}: whether the model was trained on the sample
   * @param labels {@code [samples]}: class of each
   * @param views the views' names, in the order of the scores' first axis
   */
  public ScoreSet(boolean[][] members, long[] labels, List<String> views) {
    for (int model = 0; model < members.length; model++) {
      if (members[model].length != labels.length) {
        throw new IllegalArgumentException(
            "scores: expected memberships of " + labels.length + " samples for model " + model
                + ", got " + members[model].length);
      }
    }
    if (views.isEmpty() || Set.copyOf(views).size() != views.size()) {
      throw new IllegalArgumentException("scores: expected distinct views, got " + views);
    }
    this.members = members;
    this.labels = labels;
    this.views = List.copyOf(views);
  }

  /**
   * Adds a model's values {@code [views, samples]} of one signal; the array is kept, not copied.
   */
  public void put(Signal signal, int model, double[] values) {
    put(signal, model, values.length, index -> values[index]);
  }

  /**
   * Adds a model's values {@code [views, samples]} of one signal; the array is kept, not copied.
   */
  public void put(Signal signal, int model, float[] values) {
    put(signal, model, values.length, index -> values[index]);
  }

  private void put(Signal signal, int model, int length, Values values) {
    checkModel(model);
    if (length != (long) views.size() * samples()) {
      throw new IllegalArgumentException(
          "scores: expected " + signal.tensorName() + " of [" + views.size() + "," + samples()
              + "] values for model " + model + ", got " + length);
    }
    scores.computeIfAbsent(signal, s -> new Values[models()])[model] = values;
  }

  /**
   * Some of the models, numbered anew in the order given; their values are shared, not copied.
   *
   * @param models distinct indices
   */
  public ScoreSet select(int[] models) {
    Arrays.stream(models).forEach(this::checkModel);
    boolean[][] rows = Arrays.stream(models).mapToObj(m -> members[m]).toArray(boolean[][]::new);
    ScoreSet selected = new ScoreSet(rows, labels, views);
    scores.forEach(
        (signal, values) ->
            selected.scores.put(
                signal, Arrays.stream(models).mapToObj(m -> values[m]).toArray(Values[]::new)));
    return selected;
  }

  /** How many models have memberships. */
  public int models() {
    return members.length;
  }

  /** How many samples there are. */
  public int samples() {
    return labels.length;
  }

  /** The views' names, in order. */
  public List<String> views() {
    return views;
  }

  /** The index of a view, or 0 when there is none of this name. */
  public int viewOrFirst(String name) {
    return Math.max(0, views.indexOf(name));
  }

  /** The signals that at least one model has. */
  public Set<Signal> signals() {
    return scores.isEmpty() ? EnumSet.noneOf(Signal.class) : EnumSet.copyOf(scores.keySet());
  }

  /** Whether this model was trained on this sample. */
  public boolean member(int model, int sample) {
    return members[model][sample];
  }

  /** The class of a sample. */
  public long label(int sample) {
    return labels[sample];
  }

  /** Whether a model's values of this signal are there. */
  public boolean has(Signal signal, int model) {
    checkModel(model);
    Values[] models = scores.get(signal);
    return models != null && models[model] != null;
  }

  /**
   * One model's values under one view, {@code [samples]}, a copy.
   *
   * @throws IllegalArgumentException when the model has no such values
   */
  public double[] values(Signal signal, int model, int view) {
    if (!has(signal, model)) {
      throw new IllegalArgumentException(
          "scores: model " + model + " has no values of " + signal.tensorName());
    }
    Values values = scores.get(signal)[model];
    double[] row = new double[samples()];
    Arrays.setAll(row, sample -> values.at(view * row.length + sample));
    return row;
  }

  /** How many of a model's values of a signal are infinite or not numbers. */
  public long notFinite(Signal signal, int model) {
    long count = 0;
    for (int view = 0; view < views.size(); view++) {
      for (double value : values(signal, model, view)) {
        count += Double.isFinite(value) ? 0 : 1;
      }
    }
    return count;
  }

  private void checkModel(int model) {
    if (model < 0 || model >= models()) {
      throw new IllegalArgumentException(
          "scores: expected a model in 0.." + (models() - 1) + ", got " + model);
    }
  }
}
