package io.sagitta.engine;

import io.sagitta.kernels.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One pass forward over a tape: what varies at each node, held until its last reader has run. */
final class Sweep {
  private final List<Tape.Node> nodes;
  private final Tape.Rule rule;
  private final Map<Tape.Node, Stencil> variations = new HashMap<>();
  private final Map<Tape.Node, Integer> readers = new HashMap<>();

  Sweep(List<Tape.Node> nodes, Tape.Rule rule) {
    this.nodes = nodes;
    this.rule = rule;
    for (Tape.Node node : nodes) {
      if (node.op() != null) {
        for (Tape.Node parent : node.parents()) {
          if (parent != null) {
            readers.merge(parent, 1, Integer::sum);
          }
        }
      }
    }
  }

  Stencil run(Tape.Node input, Stencil variation, Tape.Node output) {
    readers.merge(output, 1, Integer::sum);
    try {
      put(input, variation);
      for (Tape.Node node : nodes) {
        if (node.op() != null) {
          step(node);
        }
      }
      Stencil result = variations.get(output);
      if (result != null) {
        Scope scope = Scope.current();
        forEachLeaf(
            result,
            leaf -> {
              leaf.retain();
              scope.add(leaf);
            });
      }
      return result;
    } finally {
      variations.values().forEach(Sweep::unhold);
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private void step(Tape.Node node) {
    Tape.Node[] parents = node.parents();
    Stencil[] parts = new Stencil[parents.length];
    boolean varies = false;
    for (int i = 0; i < parents.length; i++) {
      parts[i] = parents[i] == null ? null : variations.get(parents[i]);
      varies |= parts[i] != null;
    }
    if (varies) {
      try (Scope scope = Scope.open()) {
        put(node, rule.apply(node.op(), node.inputs(), node.output(), parts));
      }
    }
    for (Tape.Node parent : parents) {
      if (parent != null && readers.merge(parent, -1, Integer::sum) == 0) {
        unhold(variations.remove(parent));
      }
    }
  }

  private void put(Tape.Node node, Stencil variation) {
    if (variation != null && readers.getOrDefault(node, 0) > 0) {
      forEachLeaf(variation, DenseTensor::retain);
      variations.put(node, variation);
    }
  }

  private static void unhold(Stencil variation) {
    if (variation != null) {
      forEachLeaf(variation, DenseTensor::release);
    }
  }

  private static void forEachLeaf(
      Stencil variation, Consumer<DenseTensor> action) {
    variation.odd().forEachLeaf(action);
    if (variation.even() != null) {
      variation.even().forEachLeaf(action);
    }
  }
}
