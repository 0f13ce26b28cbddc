package io.sagitta.kernels;

import io.sagitta.kernels.cuda.CudaBackend;
import io.sagitta.kernels.cuda.EmulatedCuda;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The backends that the conformance suite runs over, with the reason where one is absent. The
 * system property {@code sagitta.test.backend} names the only one to run.
 *
 * <p>A process has one CUDA driver: a machine with an NVIDIA device tests that one as {@code cuda},
 * any other, or with {@code sagitta.test.cuda=emulated} this one too, the emulated driver as {@code
 * cuda-emulated}.
 */
public final class Backends {
  /**
   * @param factory makes one, or null where it is absent
   * @param reason why it is absent, else null
   */
  public record Candidate(String name, Supplier<Backend> factory, String reason) {
    @Override
    public String toString() {
      return name;
    }

    /** Makes one; where it is absent the test that asks is skipped, with the reason. */
    public Backend open() {
      Assumptions.assumeTrue(factory != null, () -> name + " is absent: " + reason);
      return factory.get();
    }
  }

  private Backends() {}

  /** Those that compute in float32. */
  public static Stream<Candidate> float32() {
    return all().stream().filter(candidate -> !candidate.name().startsWith("reference"));
  }

  /** A GPU, real or emulated. */
  public static Candidate cuda() {
    boolean emulated =
        "emulated".equals(System.getProperty("sagitta.test.cuda"))
            || System.getProperty("sagitta.cuda.driver") != null;
    if (!emulated && Files.exists(Path.of("/dev/nvidiactl"))) {
      return new Candidate("cuda", () -> CudaBackend.open(0), null);
    }
    String absent = EmulatedCuda.whyAbsent();
    return new Candidate("cuda-emulated", absent == null ? EmulatedCuda::open : null, absent);
  }

  static List<Candidate> all() {
    String only = System.getProperty("sagitta.test.backend");
    return Stream.of(
            new Candidate("reference", ReferenceBackend::new, null),
            new Candidate("reference-fast", ReferenceBackend::onAllCores, null),
            new Candidate("host-plain", HostBackend::createPlain, null),
            host(),
            cuda())
        .filter(candidate -> only == null || candidate.name().equals(only))
        .collect(Collectors.toList());
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
