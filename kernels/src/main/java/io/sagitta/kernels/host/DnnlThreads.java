package io.sagitta.kernels.host;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.opencl.User_func_Pointer;

/**
 * Keeps oneDNN's OpenMP runtime out of the way. Left alone it starts a team of workers for each
 * calling thread, and they spin for milliseconds after every call on the cores that the Java
 * kernels need. So a primitive is made and run with OpenMP limited to its calling thread, and the
 * work is cut into shares for {@link Parallel} instead.
 *
 * <p>The limit is OpenMP's {@code omp_set_num_threads}, which holds for the calling thread alone.
 * JavaCPP binds no OpenMP, but it calls any C function of one word through a function pointer.
 */
final class DnnlThreads {
  private static final String LIMIT = "omp_set_num_threads";

  private final User_func_Pointer limit;
  private final DnnlAddress one;
  private final DnnlAddress usual;

  private DnnlThreads(User_func_Pointer limit) {
    this.limit = limit;
    this.one = new DnnlAddress().at(1);
    this.usual = new DnnlAddress().at(usualTeam());
  }

  /** Looks for the OpenMP runtime that oneDNN has loaded. */
  static DnnlThreads find() {
    Loader.load(dnnl.class);
    for (var library : Loader.getLoadedLibraries().entrySet()) {
      if (library.getKey().matches("(lib)?(gomp|iomp5|omp)([@.].*)?")) {
        Loader.loadGlobal(library.getValue());
      }
    }
    Pointer function = Loader.addressof(LIMIT);
    if (function == null || function.isNull()) {
      return new DnnlThreads(null);
    }
    return new DnnlThreads(new User_func_Pointer(new PointerPointer<>(1).put(0, function)));
  }

  /** Whether {@link #enter} limits OpenMP; if not, OpenMP spreads each call over the cores. */
  boolean confined() {
    return limit != null;
  }

  /** Limits OpenMP on this thread until {@link #leave}. */
  void enter() {
    if (limit != null) {
      limit.call(one);
    }
  }

  /** Gives OpenMP its usual team on this thread, for other libraries that it may serve. */
  void leave() {
    if (limit != null) {
      limit.call(usual);
    }
  }

  /** What OpenMP starts with: the first number of OMP_NUM_THREADS, or all processors. */
  private static int usualTeam() {
    String asked = System.getenv("OMP_NUM_THREADS");
    if (asked != null && asked.matches("[1-9][0-9]{0,4}(,.*)?")) {
      return Integer.parseInt(asked.split(",")[0]);
    }
    return Runtime.getRuntime().availableProcessors();
  }
}
