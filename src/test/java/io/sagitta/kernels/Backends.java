package io.sagitta.kernels;

import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.function.Supplier;

/** The backends that the conformance suite runs over, with the reason where one is absent. */
final class Backends {
  /**
   * @param factory makes one, or null where it is absent
   * @param reason why it is absent, else null
   */
  record Candidate(String name, Supplier<Backend> factory, String reason) {}

  private Backends() {}

  static List<Candidate> all() {
    return List.of(
        new Candidate("reference", ReferenceBackend::new, null),
        new Candidate("host-plain", HostBackend::createPlain, null),
        host());
  }

  /** The host with its native library; without natives it would be host-plain once more. */
  private static Candidate host() {
    try (Backend host = HostBackend.create()) {
      boolean plain = host.description().contains("plain Java");
      return plain
          ? new Candidate("host", null, "no native library: " + host.description())
          : new Candidate("host", HostBackend::create, null);
    }
  }
}
