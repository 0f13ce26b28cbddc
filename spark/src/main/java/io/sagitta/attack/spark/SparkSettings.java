package io.sagitta.attack.spark;

import io.sagitta.attack.work.Clusters;
import org.apache.spark.SparkConf;

/** What a Spark application is begun with, beside what its user sets. */
final class SparkSettings {
  /** Set where spark-submit began this process; it has shipped the jar then. */
  private static final String SUBMITTED = "spark.submit.deployMode";

  private SparkSettings() {}

  static SparkConf of(String master) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setIfMissing("spark.app.name", "sagitta")
            // So that the first look finds every executor that was asked for.
            .setIfMissing("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    if (!conf.contains(SUBMITTED)) {
      conf.setIfMissing("spark.ui.enabled", "false");
      requireShipped(conf, master);
    }
    return conf;
  }

  /** Executors on other machines need Sagitta's classes, which spark-submit ships. */
  private static void requireShipped(SparkConf conf, String master) {
    boolean here = master.equals("local") || master.startsWith("local[");
    if (!here && !conf.contains("spark.jars") && !conf.contains("spark.executor.extraClassPath")) {
      throw Clusters.unsubmitted(master);
    }
  }
}
