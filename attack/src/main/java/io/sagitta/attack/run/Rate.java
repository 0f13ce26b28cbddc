package io.sagitta.attack.run;

import java.util.Map;
import java.util.function.LongSupplier;

/** How fast something gets done, in the mean since it was first asked. */
public final class Rate {
  private static final double NANOS = 1e-9;

  private final LongSupplier nanos;
  private boolean begun;
  private double first;
  private long start;

  /** A rate that begins with the first question, so what comes before it does not count. */
  public Rate() {
    this(System::nanoTime);
  }

  Rate(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Adds the rate to figures, once there is one.
   *
   * @param key such as {@code images_per_second}
   * @param done how much is done, on a scale that may begin anywhere
   */
  public void addTo(Map<String, Object> figures, String key, double done) {
    long now = nanos.getAsLong();
    if (!begun) {
      begun = true;
      first = done;
      start = now;
    }
    if (now > start) {
      figures.put(key, (done - first) / ((now - start) * NANOS));
    }
  }
}
