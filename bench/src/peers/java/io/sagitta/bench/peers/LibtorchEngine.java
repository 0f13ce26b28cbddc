package io.sagitta.bench.peers;

import io.sagitta.bench.Engine;
import io.sagitta.bench.Problem;
import io.sagitta.bench.Workload;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** libtorch in the JVM, with as many threads as there are cores. */
public final class LibtorchEngine implements Engine {
  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public String description() {
    return "libtorch 2.10 in the JVM";
  }

  @Override
  public List<Supplier<Workload>> variants(Workload.Kind kind, Problem problem) {
    torch.set_num_threads(Runtime.getRuntime().availableProcessors());
    return List.of(
        () -> new LibtorchWorkload(kind, problem, MemoryFormat.ChannelsLast),
        () -> new LibtorchWorkload(kind, problem, MemoryFormat.Contiguous));
  }
}
