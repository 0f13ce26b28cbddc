package io.sagitta.attack.work;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.MemoryUse;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Workers on a device that computes nothing and knows how many have it open. */
public final class StandInWorkers {
  private final AtomicInteger open = new AtomicInteger();
  private final long peakBytes;
  private final long freeBytes;

  /**
   * @param peakBytes of a model on the device
   * @param freeBytes that the device says it has left
   */
  public StandInWorkers(long peakBytes, long freeBytes) {
    this.peakBytes = peakBytes;
    this.freeBytes = freeBytes;
  }

  /** How many backends are open. */
  public int open() {
    return open.get();
  }

  /** Workers on devices of these names. */
  public Workers on(String... names) {
    return new Workers(List.of(names), null, this::backend);
  }

  private Backend backend(String name) {
    open.incrementAndGet();
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "close" -> {
                    open.decrementAndGet();
                    yield null;
                  }
                  case "memoryUse" -> new MemoryUse(0, freeBytes);
                  case "peakBytes" -> peakBytes;
                  case "description" -> name;
                  default -> null;
                });
  }
}
