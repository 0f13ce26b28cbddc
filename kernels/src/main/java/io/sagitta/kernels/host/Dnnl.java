package io.sagitta.kernels.host;

import static org.bytedeco.dnnl.global.dnnl.dnnl_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx2_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_amx;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_bf16;
import static org.bytedeco.dnnl.global.dnnl.dnnl_cpu_isa_avx512_core_vnni;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_engine_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_get_effective_cpu_isa;
import static org.bytedeco.dnnl.global.dnnl.dnnl_out_of_memory;
import static org.bytedeco.dnnl.global.dnnl.dnnl_success;
import static org.bytedeco.dnnl.global.dnnl.dnnl_unimplemented;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** The oneDNN library, loaded, with its engine for this CPU. */
final class Dnnl implements AutoCloseable {
  private final dnnl_engine engine = new dnnl_engine();
  private final DnnlThreads threads;

  private Dnnl() {
    threads = DnnlThreads.find();
    check(dnnl_engine_create(engine, dnnl_cpu, 0), "engine");
  }

  /**
   * Loads the natives.
   *
   * @throws NativesUnavailableException if there are none for this platform, or they do not load
   */
  static Dnnl load() throws NativesUnavailableException {
    // JavaCPP refuses allocations when the process is large; the limits here are Java's own.
    String limit = "org.bytedeco.javacpp.maxPhysicalBytes";
    if (System.getProperty(limit) == null) {
      System.setProperty(limit, "0");
    }
    try {
      Loader.load(dnnl.class);
      return new Dnnl();
    } catch (LinkageError e) {
      throw new NativesUnavailableException(
          "oneDNN does not load on " + System.getProperty("os.name") + " "
              + System.getProperty("os.arch") + ": " + e, e);
    }
  }

  dnnl_engine engine() {
    return engine;
  }

  DnnlThreads threads() {
    return threads;
  }

  /**
   * Cuts work into shares for {@link Parallel}; into one where OpenMP spreads each call itself.
   *
   * @see DnnlShares#of
   */
  DnnlShares shares(int total, long operations, long most) {
    return threads.confined() ? DnnlShares.of(total, operations, most) : new DnnlShares(total, 1);
  }

  /** Such as {@code oneDNN 3.11.0, AMX}. */
  String description() {
    dnnl_version_t version = dnnl.dnnl_version();
    return "oneDNN " + version.major() + "." + version.minor() + "." + version.patch() + ", "
        + instructions();
  }

  /** Whether the CPU has instructions for products of bfloat16. */
  boolean hasBf16() {
    return has(dnnl_cpu_isa_avx512_core_bf16);
  }

  /** oneDNN's element type for operands of this precision. */
  static int elementType(Precision precision) {
    return precision == Precision.BF16 ? dnnl_bf16 : dnnl_f32;
  }

  /** oneDNN's name of a floating-point type. */
  static int elementType(DType type) {
    return type == DType.BF16 ? dnnl_bf16 : dnnl_f32;
  }

  /** Throws unless a call of oneDNN succeeded. */
  static void check(int status, Object what) {
    if (status == dnnl_success) {
      return;
    }
    if (status == dnnl_out_of_memory) {
      throw new OutOfMemoryError("oneDNN: out of memory in " + what);
    }
    throw new IllegalStateException(
        "oneDNN: " + what + ": " + (status == dnnl_unimplemented ? "unimplemented" : "refused")
            + " (status " + status + ")");
  }

  private static String instructions() {
    if (has(dnnl_cpu_isa_avx512_core_amx)) {
      return "AMX";
    } else if (has(dnnl_cpu_isa_avx512_core_bf16)) {
      return "AVX-512 BF16";
    } else if (has(dnnl_cpu_isa_avx512_core_vnni)) {
      return "AVX-512 VNNI";
    } else if (has(dnnl_cpu_isa_avx512_core)) {
      return "AVX-512";
    } else if (has(dnnl_cpu_isa_avx2_vnni)) {
      return "AVX2 VNNI";
    }
    return has(dnnl_cpu_isa_avx2) ? "AVX2" : "baseline instructions";
  }

  /** Instruction sets are bit masks; each contains those it builds on. */
  private static boolean has(int isa) {
    return (dnnl_get_effective_cpu_isa() & isa) == isa;
  }

  @Override
  public void close() {
    check(dnnl_engine_destroy(engine), "engine");
  }
}
