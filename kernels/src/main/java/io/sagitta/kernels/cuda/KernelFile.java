package io.sagitta.kernels.cuda;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The kernels of one .cu file, each loaded when it is first asked for. */
final class KernelFile {
  private final Map<String, Kernel> loaded = new ConcurrentHashMap<>();
  private final Function<String, Kernel> load;

  KernelFile(CudaSession session, String file) {
    this.load = name -> session.kernel(file, name);
  }

  /** The kernel of this name. */
  Kernel get(String name) {
    return loaded.computeIfAbsent(name, load);
  }
}
