package io.sagitta.attack.methods;

import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a reader must know before trusting an evaluation's figures. */
final class Warnings {
  private static final Map<String, Double> FALSE_POSITIVE_RATES =
      new TreeMap<>(Map.of("1%", 1e-2, "0.1%", 1e-3, "0.01%", 1e-4)).descendingMap();
  private static final int FEW_NONMEMBERS = 10;
  private static final int NAMED_SAMPLES = 5;

  /** So many standard errors from one half are no accident. */
  private static final double NO_ACCIDENT = 5;

  private final ShadowPool pool;
  private final ScoreSet scores;
  private final int[] targets;
  private final int[] shadows;
  private final int[] complements;
  private final List<String> warnings = new ArrayList<>();

  /**
   * @param shadows models that may stand as shadows, with or without scores
   * @param complements of targets, which may not
   */
  Warnings(ShadowPool pool, int[] targets, int[] shadows, int[] complements) {
    this.pool = pool;
    this.scores = pool.scores();
    this.targets = targets;
    this.shadows = shadows;
    this.complements = complements;
  }

  List<String> of(List<AttackResult> results, List<String> leftOut) {
    if (!leftOut.isEmpty()) {
      warnings.add("Left out: " + String.join("; ", leftOut) + ".");
    }
    lowRates(results);
    shadows();
    if (results.stream().anyMatch(r -> r.attack().needs(r.mode()).shadows())) {
      Arrays.stream(targets).forEach(this::countsThatTell);
    }
    views();
    unservedSamples(results);
    notFinite(results);
    for (AttackResult result : results) {
      if (result.roc().points() == 2) {
        warnings.add(
            name(result) + " gave every sample the same score, so it says nothing; the scores it"
                + " reads are constant.");
      }
      if (result.unscored() > 0) {
        warnings.add(
            name(result) + " could not score " + result.unscored() + " of " + scores.samples()
                + " samples; they are left out of its figures.");
      }
      if (result.imputed() > 0) {
        warnings.add(
            name(result) + " scored " + result.imputed() + " samples that no shadow model had, or"
                + " that all had, from the average of the others.");
      }
    }
    int flips = scores.views().indexOf(ScoreSet.FLIP);
    if (flips < 0 && results.stream().anyMatch(result -> result.mode() == Mode.PAPER)) {
      warnings.add(
          "There is no view named flip: where the paper's code scores the flipped image, paper mode"
              + " used the view " + scores.views().get(0) + ".");
    }
    return List.copyOf(warnings);
  }

  /** A rate that fewer than {@value #FEW_NONMEMBERS} non-members decide says little. */
  private void lowRates(List<AttackResult> results) {
    long fewest = results.stream().mapToLong(result -> result.roc().nonmembers()).min().orElse(0);
    String thin =
        FALSE_POSITIVE_RATES.entrySet().stream()
            .filter(rate -> fewest * rate.getValue() < FEW_NONMEMBERS)
            .map(rate -> share(rate.getKey(), fewest * rate.getValue()))
            .collect(Collectors.joining(", "));
    if (!thin.isEmpty()) {
      warnings.add(
          "There are too few non-members (" + fewest + ") for the lowest false-positive rates: "
              + thin + ". Read a TPR at such a rate as an order of magnitude at best.");
    }
  }

  private void shadows() {
    int scored = scored().length;
    if (scored < shadows.length) {
      warnings.add(
          (shadows.length - scored) + " of " + shadows.length
              + " shadow models have no scores and were left out.");
    }
    for (int model : complements) {
      warnings.add(
          "Model " + model + " is no shadow: it was trained on exactly the samples that a target"
              + " was not, so that the number of shadows trained on a sample would tell the target's"
              + " members.");
    }
  }

  private int[] scored() {
    return Arrays.stream(shadows)
        .filter(model -> scores.signals().stream().anyMatch(s -> scores.has(s, model)))
        .toArray();
  }

  /**
   * Where every sample is a member of as many models, as in leave-one-out designs, the number of
   * shadows trained on a sample is one less for the target's members.
   */
  private void countsThatTell(int target) {
    double[] lacking = new double[scores.samples()];
    boolean[] members = new boolean[lacking.length];
    int[] scored = scored();
    int count = 0;
    for (int s = 0; s < lacking.length; s++) {
      int sample = s;
      lacking[s] = Arrays.stream(scored).filter(m -> !scores.member(m, sample)).count();
      members[s] = scores.member(target, s);
      count += members[s] ? 1 : 0;
    }
    double pairs = (double) count * (lacking.length - count);
    double error = Math.sqrt((lacking.length + 1) / (12 * pairs));
    double auroc = Roc.of(lacking, members).auroc();
    if (Math.abs(auroc - 0.5) > NO_ACCIDENT * error) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "How many shadow models were trained on a sample tells by itself whether target %d"
                  + " was (AUROC %.1f%%). Attacks that get surer with more shadows see that, with few"
                  + " shadows most, so that their figures are not of the model alone; shadows whose"
                  + " members were drawn without regard to the target's do not tell.",
              target, 100 * auroc));
    }
  }

  /** Which views were found to count, where not all do. */
  private void views() {
    List<String> names = scores.views();
    Map<String, List<String>> evidence =
        pool.chosenViews().entrySet().stream()
            .filter(choice -> choice.getValue().length < names.size())
            .collect(
                Collectors.groupingBy(
                    choice -> names.get(choice.getValue()[0]),
                    TreeMap::new,
                    Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
    evidence.forEach(
        (view, served) ->
            warnings.add(
                "Of the views " + String.join(", ", names) + " only " + view + " is used where it"
                    + " tells the shadows' own members apart better than all together: by "
                    + String.join(", ", served) + ". --views all adds up all of them."));
  }

  private void unservedSamples(List<AttackResult> results) {
    if (results.stream().anyMatch(r -> r.attack().needs(r.mode()).inShadows())) {
      unserved(true, "trained on them, of which an online attack needs one");
    }
    if (results.stream().anyMatch(r -> r.attack().needs(r.mode()).outShadows())) {
      unserved(false, "not trained on them, of which attacks with shadows need one");
    }
  }

  private void unserved(boolean in, String what) {
    int[] samples =
        IntStream.range(0, scores.samples())
            .filter(s -> !Requirements.isServed(scores, shadows, s, in, !in))
            .toArray();
    if (samples.length > 0) {
      String named =
          Arrays.stream(samples)
              .limit(NAMED_SAMPLES)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(", "));
      warnings.add(
          "Samples without a shadow model " + what + ": " + samples.length + " (" + named
              + (samples.length > NAMED_SAMPLES ? ", …" : "") + ").");
    }
  }

  private void notFinite(List<AttackResult> results) {
    Set<Signal> read = EnumSet.noneOf(Signal.class);
    results.forEach(result -> read.addAll(result.attack().needs(result.mode()).signals()));
    for (Signal signal : read) {
      long count =
          IntStream.concat(Arrays.stream(targets), Arrays.stream(shadows))
              .filter(model -> scores.has(signal, model))
              .mapToLong(model -> scores.notFinite(signal, model))
              .sum();
      if (count > 0) {
        warnings.add(
            count + " values of " + signal.tensorName() + " are infinite or not numbers: shadows'"
                + " are left out of statistics, a target's of likelihood ratios; where the target's"
                + " value is the score, NaN is left out and an infinite one ranks first or last.");
      }
    }
  }

  private static String share(String rate, double nonmembers) {
    return String.format(Locale.ROOT, "%s of them is %.3g", rate, nonmembers);
  }

  private static String name(AttackResult result) {
    return String.format(
        "%s (%s, target %d)", result.attack().title(), result.mode().id(), result.target());
  }
}
