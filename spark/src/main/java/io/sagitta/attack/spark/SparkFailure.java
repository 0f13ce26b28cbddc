package io.sagitta.attack.spark;

import java.util.stream.Collectors;

/** What Spark says of a job that failed, without the stack traces that it puts into messages. */
final class SparkFailure {
  private SparkFailure() {}

  static String explain(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return "work on the cluster failed; what is done is kept: "
        + message
            .lines()
            .takeWhile(line -> !line.startsWith("\tat ") && !line.startsWith("Driver stacktrace"))
            .map(String::strip)
            .collect(Collectors.joining(" "));
  }
}
