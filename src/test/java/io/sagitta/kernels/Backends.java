package io.sagitta.kernels;

import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;

/** The backends that the conformance suite runs over, with the reason where one is absent. */
final class Backends {
  /**
   * @param factory makes one, or null where it is absent
   * @param reason why it is absent, else null
   */
  record Candidate(String name, Supplier<Backend> factory, String reason) {
    /** A new one; without one, the test is reported as skipped. */
    Backend open() {
      Assumptions.assumeTrue(factory != null, name + " is absent: " + reason);
      return factory.get();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Backends() {}

  static List<Candidate> all() {
    return List.of(new Candidate("reference", ReferenceBackend::new, null));
  }
}
