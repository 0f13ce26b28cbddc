package io.sagitta.attack.guard;

import io.sagitta.attack.run.ScoreSet;
import io.sagitta.nn.privacy.Privacy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * Attacks with shadow models assume that the target was trained as the shadows were. The guard
 * holds against each other what files say of themselves, and how models behave: the mean losses
 * and accuracies of a target must lie where those of one more shadow would (a prediction interval
 * by Student's t at level {@value #LEVEL} a figure, widened by the target's own sampling error).
 */
public final class ProtocolGuard {
  private static final double LEVEL = 1e-3;

  /** So many standard deviations of a random draw are no accident. */
  private static final double BINOMIAL_DEVIATIONS = 5;

  /** Trainings that were asked for one ε keep slightly different ones, as their members number. */
  private static final double ALIKE = 1.05;

  /** Who records how a model was trained records this. */
  private static final String TRAINED_BY = "optimizer";

  /** Fewer shadows say too little of what is usual. */
  private static final int LEAST_SHADOWS = 3;

  /** Of the data, and of scoring. */
  private static final Set<String> NOT_OF_TRAINING =
      Set.of("dataset_hash", "evaluation", "arithmetic", "h", "n");

  /** What files may say, and in which words it is reported. */
  private static final Map<String, String> KEYS = keys();

  private final ScoreSet scores;
  private final int[] shadows;
  private final Map<Integer, Map<String, String>> metadata;
  private final Map<Integer, Behaviour> behaviours = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();

  private ProtocolGuard(
      ScoreSet scores, int[] targets, Map<Integer, Map<String, String>> metadata) {
    this.scores = scores;
    this.metadata = metadata;
    this.shadows =
        IntStream.range(0, scores.models())
            .filter(m -> Arrays.stream(targets).noneMatch(target -> target == m))
            .filter(m -> scores.signals().stream().anyMatch(signal -> scores.has(signal, m)))
            .toArray();
    for (int model = 0; model < scores.models(); model++) {
      behaviours.put(model, Behaviour.of(scores, model));
    }
  }

  private static Map<String, String> keys() {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("architecture", "architecture");
    keys.put("width", "width of the network");
    keys.put("stem", "first layer");
    keys.put("classes", "number of classes");
    keys.put("norm", "kind of normalisation");
    keys.put("dp_clip", "norm that gradients are clipped to");
    keys.put(TRAINED_BY, "optimiser");
    keys.put("epochs", "number of epochs");
    keys.put("batch", "batch size in training");
    keys.put("lr", "learning rate");
    keys.put("momentum", "momentum");
    keys.put("nesterov", "Nesterov momentum");
    keys.put("weight_decay", "weight decay");
    keys.put("schedule", "learning-rate schedule");
    keys.put("augment", "augmentation");
    keys.put("loss_function", "loss function");
    keys.put("precision", "precision in training");
    keys.put("normalization", "normalisation of the images");
    keys.put("dataset_hash", "data");
    keys.put("evaluation", "way to evaluate the stencil");
    keys.put("arithmetic", "arithmetic of the scores");
    keys.put("h", "scale h of the stencil");
    keys.put("n", "number n of directions");
    return keys;
  }

  /**
   * What weights say of how they were trained, as far as it is compared: not of their data, since a
   * target from elsewhere has members of its own.
   *
   * @param metadata of the weights
   */
  public static Map<String, String> training(Map<String, String> metadata) {
    Map<String, String> training = new LinkedHashMap<>(Privacy.recorded(metadata));
    for (String key : KEYS.keySet()) {
      if (metadata.containsKey(key) && !NOT_OF_TRAINING.contains(key)) {
        training.put(key, metadata.get(key));
      }
    }
    return training;
  }

  /**
   * Holds every target against the shadows, all other models that have scores.
   *
   * @param metadata what the files of a model say of how it was trained and scored; a model or an
   *     entry that is absent is not compared
   * @return what differs, a sentence each; empty when nothing does
   */
  public static List<String> check(
      ScoreSet scores, int[] targets, Map<Integer, Map<String, String>> metadata) {
    ProtocolGuard guard = new ProtocolGuard(scores, targets, metadata);
    guard.checkShadows();
    for (int target : targets) {
      guard.checkRecords(target);
      guard.checkPrivacy(target);
      guard.checkSize(target);
      guard.checkBehaviour(target);
    }
    return List.copyOf(guard.warnings);
  }

  /** The shadows' own values of an entry. */
  private TreeSet<String> ofShadows(String key) {
    return Arrays.stream(shadows)
        .mapToObj(shadow -> metadata.getOrDefault(shadow, Map.of()).get(key))
        .filter(value -> value != null)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void checkShadows() {
    KEYS.forEach(
        (key, words) -> {
          TreeSet<String> values = ofShadows(key);
          if (values.size() > 1) {
            warnings.add(
                "The shadow models differ among themselves in their " + words + ": "
                    + String.join(", ", values) + ".");
          }
        });
  }

  private void checkRecords(int target) {
    Map<String, String> own = metadata.getOrDefault(target, Map.of());
    KEYS.forEach(
        (key, words) -> {
          TreeSet<String> values = ofShadows(key);
          String value = own.get(key);
          if (value != null && !values.isEmpty() && !values.contains(value)) {
            warn(target, words, value, String.join(", ", values));
          }
        });
  }

  private void checkPrivacy(int target) {
    double own = epsilon(target);
    double[] theirs =
        Arrays.stream(shadows).mapToDouble(this::epsilon).filter(e -> !Double.isNaN(e)).sorted()
            .toArray();
    if (Double.isNaN(own) || theirs.length == 0) {
      return;
    }
    double least = theirs[0];
    double greatest = theirs[theirs.length - 1];
    if (own * ALIKE < least || own > greatest * ALIKE) {
      String range = least == greatest ? words(least) : words(least) + " to " + words(greatest);
      warn(target, "privacy", words(own), range);
    }
  }

  /** That a model's training kept: infinite without privacy, NaN where nothing is known. */
  private double epsilon(int model) {
    Map<String, String> recorded = metadata.getOrDefault(model, Map.of());
    String epsilon = recorded.get(Privacy.EPSILON_KEY);
    if (epsilon == null) {
      return recorded.containsKey(TRAINED_BY) ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    try {
      return Double.parseDouble(epsilon);
    } catch (NumberFormatException e) {
      return Double.NaN; // files may say what they like
    }
  }

  private static String words(double epsilon) {
    return Double.isInfinite(epsilon)
        ? "none" : String.format(Locale.ROOT, "ε = %.4g", epsilon);
  }

  private void warn(int target, String what, String own, String ofShadows) {
    warnings.add(
        "Target " + target + " differs from the shadow models in its " + what + ": " + own
            + ", theirs " + ofShadows + ". Attacks take it for one of them; their figures may be"
            + " off either way.");
  }

  /** Random draws of one share differ in size by chance, and by no more. */
  private void checkSize(int target) {
    if (shadows.length == 0) {
      return;
    }
    int own = behaviours.get(target).members();
    double mean = Arrays.stream(shadows).map(m -> behaviours.get(m).members()).average().orElse(0);
    double deviation = Math.sqrt(mean * (1 - mean / scores.samples()));
    if (Math.abs(own - mean) > BINOMIAL_DEVIATIONS * deviation + 1) {
      warn(
          target, "number of training samples", Integer.toString(own),
          String.format(Locale.ROOT, "%.0f on average", mean));
    }
  }

  private void checkBehaviour(int target) {
    checkMean(target, "accuracy on its own training samples", Behaviour::memberAccuracy);
    checkMean(target, "accuracy on other samples", Behaviour::otherAccuracy);
    checkMean(target, "mean loss on its own training samples", Behaviour::memberLoss);
    checkMean(target, "mean loss on other samples", Behaviour::otherLoss);
  }

  private void checkMean(int target, String what, Function<Behaviour, Behaviour.Mean> figure) {
    Behaviour.Mean own = figure.apply(behaviours.get(target));
    double[] theirs =
        Arrays.stream(shadows)
            .mapToDouble(shadow -> figure.apply(behaviours.get(shadow)).value())
            .filter(Double::isFinite)
            .toArray();
    int k = theirs.length;
    if (k < LEAST_SHADOWS || !Double.isFinite(own.value())) {
      return;
    }
    double mean = Arrays.stream(theirs).average().orElseThrow();
    double variance = Arrays.stream(theirs).map(x -> (x - mean) * (x - mean)).sum() / (k - 1);
    double t = new TDistribution(null, k - 1).inverseCumulativeProbability(1 - LEVEL / 2);
    double width = t * Math.sqrt(variance * (1 + 1.0 / k) + own.error() * own.error());
    if (Math.abs(own.value() - mean) > Math.max(width, 1e-9)) {
      warn(
          target, what, String.format(Locale.ROOT, "%.4g", own.value()),
          String.format(
              Locale.ROOT, "%.4g on average, between %.4g and %.4g", mean,
              Arrays.stream(theirs).min().orElseThrow(),
              Arrays.stream(theirs).max().orElseThrow()));
    }
  }
}
