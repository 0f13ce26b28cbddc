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

  /** The engine with a name. */
  static Engine find(String name) {
    List<String> names = new ArrayList<>();
    for (Engine engine : ServiceLoader.load(Engine.class)) {
      if (engine.name().equals(name)) {
        return engine;
      }
      names.add(engine.name());
    }
    throw new IllegalArgumentException(
        "engine: expected one of " + names + " (others need the Maven profile 'peers'), got "
            + name);
  }
}
