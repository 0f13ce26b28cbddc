package io.sagitta.attack.cli;

import io.sagitta.attack.console.Given;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.target.TargetSettings;
import io.sagitta.attack.target.Targets;
import io.sagitta.attack.target.Token;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which target is asked, and how. */
final class TargetOptions {
  private static final Duration BACKOFF = Duration.ofMillis(500);
  private static final double MILLIS = 1000;
  private static final int MOST_SECONDS = 1_000_000;
  private static final String USUAL_VARIABLE = "SAGITTA_TARGET_TOKEN";
  private static final Set<String> OF_WEIGHTS = Set.of("--arch", "--width", "--classes");
  private static final Set<String> OF_ENDPOINTS =
      Set.of("--rate", "--budget", "--timeout", "--retries", "--token-env");
  private static final Set<String> OF_BLACK_BOXES =
      Set.of("--answers", "--input", "--output", "--ask", "--rescore-shadows");

  @Option(
      names = "--target", paramLabel = "SPEC", required = true,
      description = {
        "onnx:FILE, an image classifier run by ONNX Runtime;"
            + " http(s)://HOST/v2/models/NAME, an endpoint of the Open Inference Protocol; or"
            + " WEIGHTS.safetensors, a network of Sagitta's. The first two are black boxes, asked"
            + " by plain queries."
      })
  private String specification;

  @Option(
      names = "--answers", paramLabel = "KIND", defaultValue = "auto",
      description = "What a black box answers: logits, probabilities, or auto, which looks at the"
          + " first answers, also for rounding (default: auto).")
  private String answers;

  @Option(
      names = "--input", paramLabel = "UNITS", defaultValue = "auto",
      description = "What a black box wants: normalised, as the data set's images are here; unit, 0"
          + " to 1; bytes, 0 to 255; auto, what an ONNX file of Sagitta's declares, else normalised"
          + " (default: auto).")
  private String input;

  @Option(
      names = "--output", paramLabel = "NAME",
      description = "The output to read (default: the first with a number for each class).")
  private String output;

  @Range(least = 1)
  @Option(
      names = "--ask", paramLabel = "N", defaultValue = "64",
      description = "Images a question, at most (default: 64).")
  private int batch;

  @Range(least = 0)
  @Option(
      names = "--rate", paramLabel = "R", defaultValue = "0",
      description = "Images a second that an endpoint is sent, at most (default: 0, any number).")
  private double rate;

  @Range(least = 0)
  @Option(
      names = "--budget", paramLabel = "N", defaultValue = "0",
      description = "Images that an endpoint is sent in all, those of earlier calls and failures"
          + " included (default: 0, any number).")
  private long budget;

  @Range(above = 0, most = MOST_SECONDS)
  @Option(
      names = "--timeout", paramLabel = "S", defaultValue = "30",
      description = "Seconds for an answer (default: 30).")
  private double timeout;

  @Range(least = 0)
  @Option(
      names = "--retries", paramLabel = "N", defaultValue = "5",
      description = "Times that a question is asked again after 429, 5xx, a timeout or a broken"
          + " connection, with growing pauses (default: 5).")
  private int retries;

  @Option(
      names = "--token-env", paramLabel = "VARIABLE",
      description = "The environment variable whose value, if any, is sent as a bearer token; it is"
          + " written nowhere (default: " + USUAL_VARIABLE + ").")
  private String tokenVariable;

  @Option(
      names = "--rescore-shadows",
      description = "With RUN and a black box: score the run's own models again as through the"
          + " target's answers, by plain queries of as many digits, so that both are comparable."
          + " 'sagitta score RUN' scores them as before.")
  private boolean rescores;

  /**
   * Checks that the kind of target looks at all that was given.
   *
   * @param inRun whether it is scored as a run's target
   * @throws IllegalArgumentException naming what it does not look at
   */
  void requireUse(Given given, boolean inRun) {
    if (Targets.isWeights(specification)) {
      given.refuse(OF_BLACK_BOXES, "a black box as target with it");
    } else {
      given.refuse(OF_WEIGHTS, "weights as target with it");
    }
    if (!Targets.isEndpoint(specification)) {
      given.refuse(OF_ENDPOINTS, "an endpoint as target with it");
    }
    if (!inRun) {
      given.refuse(Set.of("--rescore-shadows"), "RUN with it");
    }
    if (tokenVariable != null && System.getenv(tokenVariable) == null) {
      throw new IllegalArgumentException(
          "--token-env: expected the name of a variable that is set, got " + tokenVariable);
    }
  }

  /** Whether the run's own models are scored again. */
  boolean rescores() {
    return rescores;
  }

  String specification() {
    return specification;
  }

  String answers() {
    return answers;
  }

  String input() {
    return input;
  }

  /**
   * How it is asked.
   *
   * @param kept the file in which an endpoint's answers are kept
   */
  TargetSettings settings(Path kept) {
    String variable = tokenVariable == null ? USUAL_VARIABLE : tokenVariable;
    return new TargetSettings(
        output, batch, rate, retries, BACKOFF, Duration.ofMillis(Math.round(timeout * MILLIS)),
        budget, Token.of(variable, System.getenv(variable)), kept);
  }
}
