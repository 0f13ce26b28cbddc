package io.sagitta.attack.target;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a target is asked.
 *
 * @param output the name of the output that is read; null for the one that has a number a class
 * @param batch images a question, at most
 * @param rate images a second, at most; 0 for as many as it takes. This and what follows are for
 *     endpoints
 * @param retries questions asked again after an error that may pass
 * @param backoff before the first of these; doubled for each further one
 * @param timeout of one question
 * @param budget images sent in all, those of earlier processes included; 0 for any number
 * @param token sent as a bearer token, or {@link Token#NONE}
 * @param answers the file that keeps an endpoint's answers; null where no endpoint is asked
 */
public record TargetSettings(
    String output, int batch, double rate, int retries, Duration backoff, Duration timeout,
    long budget, Token token, Path answers) {
  /** Checks. */
  public TargetSettings {
    require(batch >= 1, "batch", "at least 1", batch);
    require(rate >= 0 && Double.isFinite(rate), "rate", "at least 0", rate);
    require(retries >= 0, "retries", "at least 0", retries);
    require(timeout.compareTo(Duration.ZERO) > 0, "timeout", "above 0", timeout);
    require(!backoff.isNegative(), "backoff", "at least 0", backoff);
    require(budget >= 0, "budget", "at least 0", budget);
  }

  private static void require(boolean holds, String name, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(
          "target " + name + ": expected " + expected + ", got " + got);
    }
  }
}
