package io.sagitta.bench;

import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;
import java.util.function.Supplier;

/** Something that does the workloads: Sagitta, or another engine that runs in this JVM. */
public interface Engine {
  /** The name on the command line. */
  String name();

  /** The name and version in results. */
  String description();

  /**
   * Ways to do a workload, such as memory layouts; the fastest counts.
   *
   * @throws UnsupportedOperationException if the engine cannot, saying why
   */
  List<Supplier<Workload>> variants(Workload.Kind kind, Problem problem);

  /**
   * Ways to do a convolution.
   *
   * @throws UnsupportedOperationException if the engine offers none
   */
  default List<Supplier<Workload>> variants(ConvolutionWork work, int batch) {
    throw new UnsupportedOperationException(name() + " offers no single convolutions");
  }

  /**
   * The engine with a name: Sagitta, or one that the class path offers as a service.
   *
   * @throws IllegalArgumentException if there is none, naming those there are
   */
  static Engine find(String name) {
    SagittaEngine ours = new SagittaEngine();
    if (name.equals(ours.name())) {
      return ours;
    }
    List<Engine> peers = ServiceLoader.load(Engine.class).stream().map(Provider::get).toList();
    return peers.stream()
        .filter(engine -> engine.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "engine: expected " + ours.name() + " or one of "
                        + peers.stream().map(Engine::name).toList()
                        + " (others need the Maven profile 'peers'), got " + name));
  }
}
