package io.sagitta.kernels;

import io.sagitta.kernels.cuda.CudaBackend;
import io.sagitta.kernels.cuda.CudaDevice;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.host.Parallel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The devices of this machine, by the names that users give: {@code host}; {@code cuda:1}, the GPU
 * with this number; {@code cuda}, the first GPU; {@code cuda:all}, every one; several after each
 * other, as in {@code cuda:0,cuda:1}; and {@code auto}, the first GPU that works, else the host.
 * Only {@code auto} ever takes another device than it could. CUDA is looked for only when it is
 * named, or by {@code auto}.
 */
public final class Devices {
  /** What users may write, for help and errors. */
  public static final String EXPECTED =
      "auto, host, cuda, cuda:N, cuda:all or a list such as cuda:0,cuda:1";

  private static final String AUTO = "auto";
  private static final String HOST = "host";
  private static final String CUDA = "cuda";
  private static final String ALL = "cuda:all";
  private static final Pattern NUMBERED = Pattern.compile("cuda:(0|[1-9]\\d{0,3})");

  /**
   * A device and whether it can be used.
   *
   * @param name what to ask for
   * @param description what computes there, or why nothing does
   * @param precisions the arithmetic of its products and convolutions; empty if it cannot be used
   * @param notes what else there is to say, such as what is missing and why; a line each
   */
  public record Device(
      String name, String description, List<Precision> precisions, List<String> notes) {}

  /**
   * What a user's words come to.
   *
   * @param names one device each, at least one
   * @param reason why {@code auto} took the host, else null
   */
  public record Selection(List<String> names, String reason) {}

  private Devices() {}

  /**
   * Opens one device.
   *
   * @throws IllegalArgumentException if the name is unknown, or stands for several devices
   * @throws DeviceException if the device cannot be used, with the reason
   */
  public static Backend open(String name) {
    List<String> names = select(name).names();
    if (names.size() != 1) {
      throw new IllegalArgumentException(
          "device: expected one device, got '" + name + "', which is " + names.size());
    }
    String only = names.get(0);
    return only.equals(HOST) ? HostBackend.create() : CudaBackend.open(number(only));
  }

  /**
   * Finds the devices that are meant. A device that is named is not tried: opening it may fail.
   *
   * @throws IllegalArgumentException if a name is unknown, or devices are named twice or mixed with
   *     the host, on which results have other bits
   * @throws DeviceException if CUDA is asked for and there is none
   */
  public static Selection select(String wanted) {
    return switch (wanted) {
      case AUTO -> auto();
      case HOST -> new Selection(List.of(HOST), null);
      case CUDA -> new Selection(List.of(gpus().get(0).name()), null);
      case ALL -> new Selection(gpus().stream().map(CudaDevice::name).toList(), null);
      default -> numbered(wanted);
    };
  }

  private static Selection numbered(String wanted) {
    List<String> names = Arrays.asList(wanted.split(",", -1));
    if (!names.stream().allMatch(name -> NUMBERED.matcher(name).matches())) {
      throw new IllegalArgumentException(
          "device: expected " + EXPECTED + ", got '" + wanted + "'");
    }
    if (new LinkedHashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("device: expected each once, got '" + wanted + "'");
    }
    return new Selection(names, null);
  }

  /**
   * The first GPU that computes. A substitute for the driver, as in tests, is taken only by name.
   */
  private static Selection auto() {
    String reason;
    if (CudaDevice.isSubstituted()) {
      reason = "the driver is a substitute, which is used only when cuda is asked for";
    } else {
      try {
        return new Selection(List.of(firstWorking(CudaDevice.all())), null);
      } catch (DeviceException e) {
        reason = e.getMessage();
      }
    }
    return new Selection(List.of(HOST), reason);
  }

  private static String firstWorking(List<CudaDevice> devices) {
    List<String> failures = new ArrayList<>();
    for (CudaDevice device : devices) {
      try (CudaBackend backend = CudaBackend.open(device.ordinal())) {
        backend.probe();
        return device.name();
      } catch (DeviceException e) {
        failures.add(e.getMessage());
      }
    }
    throw new DeviceException(String.join("; ", failures));
  }

  private static List<CudaDevice> gpus() {
    try {
      return CudaDevice.all();
    } catch (DeviceException e) {
      throw new DeviceException("cuda cannot be used: " + e.getMessage(), false, e);
    }
  }

  /** How many threads a kernel on the host may use at once. */
  public static int hostThreads() {
    return Parallel.threads();
  }

  /** Limits it for every kernel of this process from now on; at least the calling thread. */
  public static void hostThreads(int limit) {
    Parallel.threads(limit);
  }

  private static int number(String name) {
    return Integer.parseInt(name.substring(name.indexOf(':') + 1));
  }

  /** Bytes that buffers on the host may take together, those of all backends. */
  public static long hostBytes() {
    return HostBackend.limitBytes();
  }

  /** Every device, with what it is made of; a line for CUDA also where there is none. */
  public static List<Device> list() {
    List<Device> devices = new ArrayList<>();
    devices.add(host());
    try {
      for (CudaDevice device : CudaDevice.all()) {
        devices.add(cuda(device));
      }
    } catch (DeviceException e) {
      devices.add(new Device(CUDA, "not used: " + e.getMessage(), List.of(), List.of()));
    }
    return devices;
  }

  private static Device host() {
    try (HostBackend host = HostBackend.create()) {
      List<String> notes = new ArrayList<>();
      if (!host.supports(Precision.BF16)) {
        notes.add("bf16 convolutions need oneDNN and a CPU with AVX-512 or AMX bfloat16.");
      }
      return new Device(HOST, host.description(), precisions(host), notes);
    }
  }

  private static Device cuda(CudaDevice device) {
    List<String> notes = new ArrayList<>(List.of(device.uuid()));
    try (CudaBackend backend = CudaBackend.open(device.ordinal())) {
      backend.probe();
      notes.addAll(backend.notes());
      return new Device(device.name(), device.description(), precisions(backend), notes);
    } catch (DeviceException e) {
      notes.add("not used: " + e.getMessage());
      return new Device(device.name(), device.description(), List.of(), notes);
    }
  }

  private static List<Precision> precisions(Backend backend) {
    return Arrays.stream(Precision.values()).filter(backend::supports).toList();
  }
}
