package io.sagitta.bench;

/** Measures rates of repeated work. */
final class Clock {
  private static final double NANOS = 1e-9;

  private Clock() {}

  /**
   * How often a second work is done, after doing it once unmeasured.
   *
   * @param finish returns when all work is done
   * @param seconds to measure at least
   */
  static double rate(Runnable work, Runnable finish, double seconds) {
    work.run();
    finish.run();
    long start = System.nanoTime();
    int times = 0;
    double passed;
    do {
      work.run();
      finish.run();
      times++;
      passed = (System.nanoTime() - start) * NANOS;
    } while (passed < seconds);
    return times / passed;
  }
}
