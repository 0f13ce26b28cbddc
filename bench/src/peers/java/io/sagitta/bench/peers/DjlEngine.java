package io.sagitta.bench.peers;

import io.sagitta.bench.Engine;
import io.sagitta.bench.Problem;
import io.sagitta.bench.Workload;
import io.sagitta.bench.Workload.Kind;
import java.util.List;
import java.util.function.Supplier;

/** Deep Java Library over a libtorch of its own, with as many threads as there are cores. */
public final class DjlEngine implements Engine {
  @Override
  public String name() {
    return "djl";
  }

  @Override
  public String description() {
    return "DJL " + ai.djl.engine.Engine.getDjlVersion() + ", libtorch "
        + ai.djl.engine.Engine.getInstance().getVersion();
  }

  @Override
  public List<Supplier<Workload>> variants(Kind kind, Problem problem) {
    if (kind.differentiatesTwice()) {
      throw new UnsupportedOperationException(
          "DJL offers first derivatives only: its gradients cannot be differentiated again");
    }
    // Read when its engine is first asked for; natives come from the class path.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty(
        "ai.djl.pytorch.num_threads",
        Integer.toString(Runtime.getRuntime().availableProcessors()));
    return List.of(() -> new DjlWorkload(kind, problem));
  }
}
