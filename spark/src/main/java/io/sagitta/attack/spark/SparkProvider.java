package io.sagitta.attack.spark;

import io.sagitta.attack.work.ClusterProvider;
import io.sagitta.attack.work.Clusters;
import io.sagitta.attack.work.Machines;

/** Connects to Spark, which the class path must bring: spark-submit does, and so does ./sagitta. */
public final class SparkProvider implements ClusterProvider {
  @Override
  public Machines connect(String master, String device) {
    try {
      Class.forName("org.apache.spark.SparkContext", false, SparkProvider.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw Clusters.absent(master, "Apache Spark");
    }
    return SparkMachines.connect(master, device);
  }
}
