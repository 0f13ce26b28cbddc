package io.sagitta.engine;

import io.sagitta.kernels.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * The operations that a function did, written down so that gradients can be carried back through
 * them. Each node holds just the tensors that its rule reads; what nothing holds is freed when the
 * function returns, and the rest while the gradient passes by.
 */
final class Tape implements AutoCloseable {
  /** One operation, or one input of the function. */
  static final class Node {
    private final Op op;
    private final Tensor[] inputs;
    private final Node[] parents;
    private final boolean[] needed;
    private final Tensor output;
    private final List<DenseTensor> saved = new ArrayList<>();
    private Tensor gradient;

    Op op() {
      return op;
    }

    Tensor[] inputs() {
      return inputs;
    }

    Node[] parents() {
      return parents;
    }

    Tensor output() {
      return output;
    }

    private Node(Op op, Tensor[] inputs, Node[] parents, boolean[] needed, Tensor output) {
      this.op = op;
      this.inputs = inputs;
      this.parents = parents;
      this.needed = needed;
      this.output = output;
    }

    private void save(Tensor tensor) {
      tensor.forEachLeaf(
          leaf -> {
            leaf.retain();
            saved.add(leaf);
          });
    }

    private void releaseSaved() {
      saved.forEach(DenseTensor::release);
      saved.clear();
    }

    /** Adds to the gradient; the node holds it until it is taken. */
    private void addGradient(Tensor more) {
      if (gradient == null) {
        gradient = more;
        hold(gradient);
      } else {
        Tensor before = gradient;
        gradient = before.add(more);
        hold(gradient);
        unhold(before);
      }
    }

    private void dropGradient() {
      if (gradient != null) {
        unhold(gradient);
        gradient = null;
      }
    }
  }

  private final Level level;
  private final boolean forStencils;
  private final List<Node> nodes = new ArrayList<>();
  private boolean closed;

  Tape(Level level) {
    this(level, false);
  }

  /**
   * @param forStencils whether {@link #sweep} will apply stencil rules, so that ops are written down
   *     in the form that has them, with all that they may read
   */
  Tape(Level level, boolean forStencils) {
    this.level = level;
    this.forStencils = forStencils;
  }

  Level level() {
    return level;
  }

  /** An input of the function. */
  TapeTensor input(Tensor value) {
    Node node = new Node(null, null, null, null, value);
    nodes.add(node);
    return new TapeTensor(this, value, node);
  }

  Tensor record(Op op, Tensor[] inputs) {
    Tensor form = forStencils ? op.stencilForm(inputs) : null;
    if (form != null) {
      return form;
    }
    Tensor[] primals = new Tensor[inputs.length];
    Node[] parents = new Node[inputs.length];
    boolean[] needed = new boolean[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].level() == level) {
        TapeTensor traced = (TapeTensor) inputs[i];
        primals[i] = traced.primal();
        parents[i] = traced.node();
        needed[i] = true;
      } else {
        primals[i] = inputs[i];
      }
    }
    Tensor output = op.apply(primals);
    Node node = new Node(op, primals, parents, needed, output);
    boolean all = forStencils && op.dependence(needed) != Dependence.LINEAR;
    for (int i = 0; i < primals.length; i++) {
      if (all || op.savesInput(i, needed)) {
        node.save(primals[i]);
      }
    }
    if (all || op.savesOutput()) {
      node.save(output);
    }
    nodes.add(node);
    return new TapeTensor(this, output, node);
  }

  /**
   * Carries gradients back to the inputs.
   *
   * @param outputs what the gradients belong to
   * @param gradients one per output; null is zero
   * @param inputs whose gradients are wanted
   * @param last whether the tape is not needed again, so that it may be freed on the way
   * @return one per input, in the current scope; null is zero
   * @throws IllegalStateException if the tape is closed
   */
  Tensor[] pullback(Node[] outputs, Tensor[] gradients, Node[] inputs, boolean last) {
    if (closed) {
      throw new IllegalStateException("pullback: this Vjp is closed, what it saved is freed");
    }
    try {
      for (int i = 0; i < outputs.length; i++) {
        if (outputs[i] != null && gradients[i] != null) {
          outputs[i].addGradient(gradients[i]);
        }
      }
      for (int i = nodes.size() - 1; i >= 0; i--) {
        Node node = nodes.get(i);
        if (node.op != null) {
          propagate(node, null);
          if (last) {
            node.releaseSaved();
            nodes.remove(i);
          }
        }
      }
      return collect(inputs);
    } finally {
      nodes.forEach(Node::dropGradient);
    }
  }

  /**
   * Carries a gradient back as far as the ops that read the inputs, and no further.
   *
   * @param gradient of the output, [N]
   * @return the squared norms of each sample's part of the inputs' gradients, [N]
   */
  double[] squaredNorms(Node output, Tensor gradient) {
    if (closed) {
      throw new IllegalStateException("norms: this Vjp is closed, what it saved is freed");
    }
    SharedInputs shared = new SharedInputs(gradient.shape().dim(0));
    try {
      if (output != null) {
        output.addGradient(gradient);
      }
      for (int i = nodes.size() - 1; i >= 0; i--) {
        if (nodes.get(i).op != null) {
          propagate(nodes.get(i), shared);
        }
      }
      return shared.squaredNorms();
    } finally {
      nodes.forEach(Node::dropGradient);
    }
  }

  /**
   * @param shared takes what would go to the tape's inputs; null where they get their gradients
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static void propagate(Node node, SharedInputs shared) {
    if (node.gradient == null) {
      return;
    }
    try (Scope scope = Scope.open()) {
      boolean[] needed = shared == null ? node.needed : shared.take(node, node.gradient);
      Tensor[] gradients =
          needed == null
              ? new Tensor[0]
              : node.op.vjp(node.inputs, node.output, node.gradient, needed);
      for (int i = 0; i < gradients.length; i++) {
        if (gradients[i] != null && needed[i]) {
          checkShape(node.op, i, node.inputs[i].shape(), gradients[i].shape());
          // A gradient is stored as what it belongs to, so that the rules before this one find images.
          node.parents[i].addGradient(gradients[i].cast(node.inputs[i].type()));
        }
      }
    }
    node.dropGradient();
  }

  /** How a rule carries what varies through one op; null entries and results do not vary. */
  interface Rule {
    Stencil apply(Op op, Tensor[] inputs, Tensor output, Stencil[] parts);
  }

  /**
   * Carries a variation of the input forward to the output; what no later op reads is freed on the
   * way.
   *
   * @return the output's variation, in the current scope; null where it does not vary
   */
  Stencil sweep(Node input, Stencil variation, Node output, Rule rule) {
    if (closed) {
      throw new IllegalStateException("sweep: this tape is closed, what it saved is freed");
    }
    return new Sweep(nodes, rule).run(input, variation, output);
  }

  /** Whether every op is linear or piecewise so in what varies. */
  boolean isPiecewiseLinear() {
    return nodes.stream()
        .allMatch(n -> n.op == null || n.op.dependence(n.needed) != Dependence.SMOOTH);
  }

  private static Tensor[] collect(Node[] inputs) {
    Scope scope = Scope.current();
    Tensor[] result = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      result[i] = inputs[i].gradient;
      if (result[i] != null) {
        hold(result[i]);
        result[i].forEachLeaf(scope::add);
      }
    }
    return result;
  }

  private static void checkShape(Op op, int index, Shape expected, Shape got) {
    if (!expected.equals(got)) {
      throw new IllegalStateException(
          op.name() + ": the vjp rule gave input " + index + " a gradient of shape " + got
              + ", expected " + expected);
    }
  }

  private static void hold(Tensor tensor) {
    tensor.forEachLeaf(DenseTensor::retain);
  }

  private static void unhold(Tensor tensor) {
    tensor.forEachLeaf(DenseTensor::release);
  }

  /** Frees what the nodes hold. */
  @Override
  public void close() {
    closed = true;
    for (Node node : nodes) {
      node.dropGradient();
      node.releaseSaved();
    }
    nodes.clear();
  }
}
