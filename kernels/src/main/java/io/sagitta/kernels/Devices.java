package io.sagitta.kernels;

import io.sagitta.kernels.host.HostBackend;
import java.util.ArrayList;
import java.util.List;

/** The devices of this machine, by the names that users give. */
public final class Devices {
  private static final List<String> NAMES = List.of("auto", "host");

  /**
   * A device and whether it can be used.
   *
   * @param name what to ask for
   * @param description what computes there
   * @param precisions the arithmetic of its products and convolutions
   * @param notes what is missing and why, one sentence each
   */
  public record Device(
      String name, String description, List<Precision> precisions, List<String> notes) {}

  private Devices() {}

  /** The names that {@link #open} takes. */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * A backend on a device; {@code auto} takes the fastest, which is the host as long as there is no
   * other backend.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public static Backend open(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "device: expected one of " + String.join(", ", NAMES) + ", got '" + name + "'");
    }
    return HostBackend.create();
  }

  /** Every device, with what it is made of. */
  public static List<Device> list() {
    try (HostBackend host = HostBackend.create()) {
      List<Precision> precisions = new ArrayList<>();
      for (Precision precision : Precision.values()) {
        if (host.supports(precision)) {
          precisions.add(precision);
        }
      }
      List<String> notes = new ArrayList<>();
      if (!host.supports(Precision.BF16)) {
        notes.add("bf16 convolutions need oneDNN and a CPU with AVX-512 or AMX bfloat16.");
      }
      return List.of(new Device("host", host.description(), precisions, notes));
    }
  }
}
