package io.sagitta.attack.cli;

import io.sagitta.attack.target.TargetSettings;
import io.sagitta.attack.target.Token;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Which target is asked, and how. */
final class TargetOptions {
  private static final Duration BACKOFF = Duration.ofMillis(500);
  private static final double MILLIS = 1000;

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

  @Option(
      names = "--ask", paramLabel = "N", defaultValue = "64",
      description = "Images a question, at most (default: 64).")
  private int batch;

  @Option(
      names = "--rate", paramLabel = "R", defaultValue = "0",
      description = "Images a second that an endpoint is sent, at most (default: 0, any number).")
  private double rate;

  @Option(
      names = "--budget", paramLabel = "N", defaultValue = "0",
      description = "Images that an endpoint is sent in all, those of earlier calls and failures"
          + " included (default: 0, any number).")
  private long budget;

  @Option(
      names = "--timeout", paramLabel = "S", defaultValue = "30",
      description = "Seconds for an answer (default: 30).")
  private double timeout;

  @Option(
      names = "--retries", paramLabel = "N", defaultValue = "5",
      description = "Times that a question is asked again after 429, 5xx, a timeout or a broken"
          + " connection, with growing pauses (default: 5).")
  private int retries;

  @Option(
      names = "--token-env", paramLabel = "VARIABLE", defaultValue = "SAGITTA_TARGET_TOKEN",
      description = "The environment variable whose value, if any, is sent as a bearer token; it is"
          + " written nowhere (default: SAGITTA_TARGET_TOKEN).")
  private String tokenVariable;

  @Option(
      names = "--rescore-shadows",
      description = "With RUN and a black box: score the run's own models again as through the"
          + " target's answers, by plain queries of as many digits, so that both are comparable."
          + " 'sagitta score RUN' scores them as before.")
  private boolean rescores;

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
    if (!(timeout > 0 && timeout < Integer.MAX_VALUE / MILLIS)) {
      throw new IllegalArgumentException("--timeout: expected above 0, got " + timeout);
    }
    return new TargetSettings(
        output, batch, rate, retries, BACKOFF, Duration.ofMillis(Math.round(timeout * MILLIS)),
        budget, Token.of(tokenVariable, System.getenv(tokenVariable)), kept);
  }
}
