package io.sagitta.attack.spark;

import io.sagitta.attack.work.ClusterException;
import io.sagitta.attack.work.Workers;
import io.sagitta.kernels.Precision;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Questions to every executor that is there. Spark has no such thing: as many tasks are run as have
 * room at once, until every executor has answered one. An executor that comes later, or has not got
 * a word in after a few rounds, asks itself before its first model.
 */
final class Survey {
  private static final int ROUNDS = 5;

  /** What an executor is asked; throws where the answer is no. */
  interface Question<T> extends Serializable {
    T answer();
  }

  /**
   * One executor's answer.
   *
   * @param site which executor
   * @param value null where it failed
   * @param failure null where it did not
   */
  record Answer<T>(String site, T value, String failure) implements Serializable {}

  /** What an executor computes with. */
  record Computer(String device, String description, List<Precision> precisions)
      implements Serializable {
    static Computer here(String asked) {
      try (Workers workers = TaskSite.open(asked)) {
        return new Computer(
            workers.kind(), workers.description(),
            Arrays.stream(Precision.values()).filter(workers::support).toList());
      }
    }
  }

  private final JavaSparkContext spark;

  Survey(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** Asks; one answer an executor, in the order of their names. */
  <T> List<Answer<T>> ask(Question<T> question) {
    Map<String, Answer<T>> answers = new TreeMap<>();
    for (int round = 0; round < ROUNDS && answers.size() < executors(); round++) {
      int tasks = Math.max(tasksAtOnce(), executors());
      List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
      for (Answer<T> answer : answers(numbers, question)) {
        answers.put(answer.site(), answer);
      }
    }
    return List.copyOf(answers.values());
  }

  private <T> List<Answer<T>> answers(List<Integer> numbers, Question<T> question) {
    try {
      return spark.parallelize(numbers, numbers.size()).map(number -> answer(question)).collect();
    } catch (Exception e) {
      // Scala does not declare what it throws.
      throw new ClusterException(SparkFailure.explain(e), e);
    }
  }

  private static <T> Answer<T> answer(Question<T> question) {
    try {
      return new Answer<>(TaskSite.name(), question.answer(), null);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      String said = e.getMessage() == null ? e.toString() : e.getMessage();
      return new Answer<>(TaskSite.name(), null, said);
    }
  }

  /** Who failed and why, a line each; empty where all did well. */
  static <T> String failures(List<Answer<T>> answers) {
    return answers.stream()
        .filter(answer -> answer.failure() != null)
        .map(answer -> answer.site() + ": " + answer.failure())
        .collect(Collectors.joining("\n"));
  }

  int tasksAtOnce() {
    int each = spark.getConf().getInt("spark.task.cpus", 1);
    return Math.max(1, spark.defaultParallelism() / each);
  }

  /** How many executors are there now; in local mode the driver is the one. */
  private int executors() {
    int known = spark.statusTracker().getExecutorInfos().length;
    return spark.isLocal() ? known : Math.max(1, known - 1);
  }
}
