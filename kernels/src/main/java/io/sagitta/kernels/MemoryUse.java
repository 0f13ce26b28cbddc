package io.sagitta.kernels;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much of a memory is in use at a moment.
 *
 * @param usedBytes of a device, by whomever; of the host, by this process
 * @param totalBytes what there is, in a container what that may use
 */
public record MemoryUse(long usedBytes, long totalBytes) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int KIB = 1024;

  /** The host's: what of this process is resident, or where that is not told, what Java counts. */
  static MemoryUse ofProcess() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long used = Files.isReadable(STATUS) ? residentBytes() : countedBytes();
    return new MemoryUse(used, system.getTotalMemorySize());
  }

  private static long residentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(RESIDENT)) {
          return Long.parseLong(line.replaceAll("\\D", "")) * KIB;
        }
      }
      return countedBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(STATUS + ": cannot be read: " + e, e);
    }
  }

  /** On the heap and in buffers outside it. */
  private static long countedBytes() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory()
        - runtime.freeMemory()
        + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
  }
}
