package io.sagitta.engine;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Adds up, while a gradient passes through a tape, the squared norms of each sample's own gradient in
 * the tape's inputs, which all samples share. No such gradient is made for its own sake.
 */
final class SharedInputs {
  private final double[] squaredNorms;
  private final Set<Tape.Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  SharedInputs(int samples) {
    squaredNorms = new double[samples];
  }

  /** Of all inputs together. */
  double[] squaredNorms() {
    return squaredNorms;
  }

  /**
   * Adds the norms in those inputs of the function that an operation reads.
   *
   * @return which of the operation's arguments want their gradients still; null for none
   */
  boolean[] take(Tape.Node node, Tensor gradient) {
    Tape.Node[] parents = node.parents();
    boolean[] shared = new boolean[parents.length];
    boolean[] needed = new boolean[parents.length];
    boolean any = false;
    boolean more = false;
    for (int i = 0; i < parents.length; i++) {
      shared[i] = parents[i] != null && parents[i].op() == null;
      needed[i] = parents[i] != null && !shared[i];
      any |= shared[i];
      more |= needed[i];
      if (shared[i] && !seen.add(parents[i])) {
        throw new IllegalArgumentException(
            "per-sample norms: expected each parameter to be used once, got one of shape "
                + node.inputs()[i].shape() + " a second time in op '" + node.op().name() + "'");
      }
    }
    if (any) {
      add(node, gradient, shared);
    }
    return more ? needed : null;
  }

  private void add(Tape.Node node, Tensor gradient, boolean[] shared) {
    double[] norms =
        node.op()
            .squaredNorms(node.inputs(), node.output(), gradient, shared, squaredNorms.length)
            .toDoubles();
    for (int i = 0; i < norms.length; i++) {
      // A norm that cancels may come out a little below zero.
      squaredNorms[i] += norms[i] < 0 ? 0 : norms[i];
    }
  }
}
