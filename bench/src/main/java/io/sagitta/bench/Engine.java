package io.sagitta.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** Something that does the workloads: Sagitta, or another engine that runs in this JVM. */
public interface Engine {
  /** The name on the command line. */
  String name();

  /** The name and version in results. */
  String description();

  /** Ways to do a workload, such as memory layouts; the fastest counts. */
  List<Supplier<Workload>> variants(Workload.Kind kind, int batch);

  /**
   * Ways to do a convolution.
   *
   * @throws UnsupportedOperationException if the engine offers none
   */
  default List<Supplier<Workload>> variants(ConvolutionWork work, int batch) {
    throw new UnsupportedOperationException(name() + " offers no single convolutions");
  }

  /** The engine with a name: Sagitta, or one that the class path offers as a service. */
  static Engine find(String name) {
    List<Engine> engines = new ArrayList<>(List.of(new SagittaEngine()));
    ServiceLoader.load(Engine.class).forEach(engines::add);
    return engines.stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "engine: expected one of " + engines.stream().map(Engine::name).toList()
                        + " (others need the Maven profile 'peers'), got " + name));
  }
}
