package io.sagitta.attack.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.attack.work.Machines;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Spark's {@code local-cluster}: workers in this process, executors in processes of their own,
 * which share nothing with it but the file system.
 */
final class LocalCluster {
  /** Two executors of one core and 2 GiB. */
  static final String MASTER = "local-cluster[2,1,2048]";

  private LocalCluster() {}

  /** Says why there can be none here, if so. */
  static void require() {
    String home = System.getenv("SPARK_HOME");
    assumeTrue(home != null, "SPARK_HOME is not set: local-cluster has no place to work in");
    assumeTrue(File.separatorChar == '/', "local-cluster needs symbolic links");
    try {
      Path jars = Files.createDirectories(Path.of(home, "jars"));
      for (String jar : classPath().filter(entry -> entry.endsWith(".jar")).toList()) {
        Path link = jars.resolve(Path.of(jar).getFileName());
        if (!Files.exists(link)) {
          Files.deleteIfExists(link);
          Files.createSymbolicLink(link, Path.of(jar));
        }
      }
    } catch (IOException e) {
      assumeTrue(false, "no class path for executors: " + e);
    }
  }

  private static Stream<String> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  /** Connects with more settings. */
  static Machines connect(String device, Map<String, String> more) {
    Map<String, String> settings = new LinkedHashMap<>(more);
    settings.put("spark.cores.max", "2");
    settings.put("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    settings.put("spark.executorEnv.SPARK_SCALA_VERSION", "2.13");
    settings.put("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"));
    settings.put(
        "spark.executor.extraClassPath",
        classPath().filter(entry -> !entry.endsWith(".jar")).collect(Collectors.joining(":")));
    settings.forEach(System::setProperty);
    try {
      return SparkMachines.connect(MASTER, device);
    } finally {
      settings.keySet().forEach(System::clearProperty);
    }
  }

  /** The processes of executors that run now. */
  static List<ProcessHandle> executors() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
        .toList();
  }
}
