package io.sagitta.attack.work;

/** Connects to clusters; found by {@link java.util.ServiceLoader}. */
public interface ClusterProvider {
  /**
   * Connects, and finds out what the cluster's machines compute with.
   *
   * @param master where the cluster is, such as {@code spark://host:7077} or {@code local[*]}
   * @param device {@code auto}, {@code host} or {@code cuda}; which GPU is for the cluster to say
   * @throws IllegalArgumentException if the master or the device is none of the cluster's
   * @throws io.sagitta.kernels.DeviceException if a machine cannot compute on such a device
   */
  Machines connect(String master, String device);
}
