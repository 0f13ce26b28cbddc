package io.sagitta.attack.work;

import java.util.ServiceLoader;

/** Connects to clusters by what users call them. */
public final class Clusters {
  /** Where spark-submit puts the master that it was given. */
  private static final String SUBMITTED = "spark.master";

  private Clusters() {}

  /**
   * The cluster that is meant.
   *
   * @param asked what the command line names, or null
   * @return null if it is this machine alone
   * @throws IllegalArgumentException if spark-submit was given another one
   */
  public static String master(String asked) {
    String submitted = System.getProperty(SUBMITTED);
    if (asked != null && submitted != null && !asked.equals(submitted)) {
      throw new IllegalArgumentException(
          "master: expected " + submitted + " as spark-submit was given, got " + asked);
    }
    return asked == null ? submitted : asked;
  }

  /**
   * Connects.
   *
   * @throws IllegalArgumentException also if Spark is not on the class path
   * @see ClusterProvider#connect
   */
  public static Machines connect(String master, String device) {
    for (ClusterProvider provider : ServiceLoader.load(ClusterProvider.class)) {
      return provider.connect(master, device);
    }
    throw absent(master, "the module sagitta-spark");
  }

  /**
   * Says how to get what is missing.
   *
   * @param what is not on the class path
   */
  public static IllegalArgumentException absent(String master, String what) {
    return new IllegalArgumentException(
        "master: expected " + what + " on the class path for '" + master + "', found none; on this"
            + " machine './sagitta COMMAND --master local[*] ...' brings it, on a cluster "
            + submission(master));
  }

  /** Says how to get Sagitta to the machines of a cluster. */
  public static IllegalArgumentException unsubmitted(String master) {
    return new IllegalArgumentException(
        "master: expected to be begun by spark-submit, which ships the jar to '" + master
            + "': " + submission(master));
  }

  private static String submission(String master) {
    return "'spark-submit --master " + master + " --class io.sagitta.attack.ShadowLauncher"
        + " sagitta-spark.jar RUN ...'";
  }
}
