package io.sagitta.attack.work;

import io.sagitta.attack.run.Progress;
import io.sagitta.kernels.MemoryUse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Progress on one device, with its name and memory among the figures. */
final class DeviceProgress implements Progress {
  /** Asking a driver takes longer than adding a number to a map. */
  private static final long NANOS_BETWEEN = 1_000_000_000L;

  private final Progress all;
  private final String device;
  private final Supplier<MemoryUse> memory;
  private MemoryUse use;
  private long asked;

  /**
   * @param device its name, or null for the host
   * @param memory asked now and then
   */
  DeviceProgress(Progress all, String device, Supplier<MemoryUse> memory) {
    this.all = all;
    this.device = device;
    this.memory = memory;
  }

  @Override
  public void check() {
    all.check();
  }

  @Override
  public void model(int model) {
    all.model(model);
  }

  @Override
  public void update(double fraction, Map<String, Object> figures) {
    all.update(fraction, withDevice(figures));
  }

  @Override
  public void end(String outcome, Map<String, Object> figures) {
    all.end(outcome, withDevice(figures));
  }

  private Map<String, Object> withDevice(Map<String, Object> figures) {
    long now = System.nanoTime();
    if (use == null || now - asked > NANOS_BETWEEN) {
      use = memory.get();
      asked = now;
    }
    Map<String, Object> more = new LinkedHashMap<>(figures);
    if (device != null) {
      more.put("device", device);
    }
    more.put("memory_used_bytes", use.usedBytes());
    more.put("memory_total_bytes", use.totalBytes());
    return more;
  }
}
