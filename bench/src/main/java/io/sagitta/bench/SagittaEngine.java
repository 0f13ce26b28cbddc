package io.sagitta.bench;

import java.util.List;
import java.util.function.Supplier;

/** This project's engine on the host. */
public final class SagittaEngine implements Engine {
  @Override
  public String name() {
    return "sagitta";
  }

  @Override
  public String description() {
    return "Sagitta";
  }

  @Override
  public List<Supplier<Workload>> variants(Workload.Kind kind, int batch) {
    return List.of(() -> new SagittaWorkload(kind, batch));
  }
}
