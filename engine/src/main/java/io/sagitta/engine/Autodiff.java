package io.sagitta.engine;

import io.sagitta.kernels.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Derivatives of functions. Each of these takes a function and may be used inside a function given
 * to another, to any depth: {@link #hvp} is {@link #jvp} of {@link #grad}.
 *
 * <p>A function must depend on its arguments alone, and what it makes is freed when it is no longer
 * needed: return whatever is to be kept. Results belong to the current {@link Scope}.
 */
public final class Autodiff {
  private Autodiff() {}

  /**
   * A function's value and gradients.
   *
   * @param outputs all outputs; the first is the differentiated scalar
   * @param gradients one per input
   */
  public record ValueAndGradients(List<Tensor> outputs, List<Tensor> gradients) {
    /** The differentiated scalar. */
    public Tensor value() {
      return outputs.get(0);
    }
  }

  /** A function's value and its derivative along a direction. */
  public record Jvp(List<Tensor> outputs, List<Tensor> tangents) {
    /** The first output. */
    public Tensor output() {
      return outputs.get(0);
    }

    /** The first output's tangent. */
    public Tensor tangent() {
      return tangents.get(0);
    }
  }

  /** A gradient g and the product H·v of the Hessian with a direction. */
  public record Hvp(List<Tensor> gradients, List<Tensor> products) {
    /** The gradient with respect to the first input. */
    public Tensor gradient() {
      return gradients.get(0);
    }

    /** The first input's part of H·v. */
    public Tensor product() {
      return products.get(0);
    }
  }

  /**
   * The gradient of a scalar function.
   *
   * @throws IllegalArgumentException if f's value is not a single number
   */
  public static Tensor grad(UnaryOperator<Tensor> f, Tensor x) {
    return valueAndGrad(program(f), List.of(x)).gradients().get(0);
  }

  /**
   * The value of a scalar function, whatever else it returns, and the gradient of its first output.
   */
  public static ValueAndGradients valueAndGrad(Program f, List<Tensor> inputs) {
    try (Scope scope = Scope.open();
        Vjp vjp = vjp(f, inputs)) {
      Tensor value = vjp.output();
      if (value.shape().elements() != 1) {
        throw new IllegalArgumentException(
            "grad: expected a function with a scalar value, got shape " + value.shape());
      }
      Tensor[] seed = {Tensor.full(value.backend(), value.shape(), 1)};
      List<Tensor> gradients = vjp.run(seed, true);
      gradients.forEach(g -> g.keepFrom(scope));
      vjp.outputs().forEach(output -> output.keepFrom(scope));
      return new ValueAndGradients(vjp.outputs(), gradients);
    }
  }

  /** Runs f and keeps what is needed to carry gradients back, as often as wanted. */
  public static Vjp vjp(Program f, List<Tensor> inputs) {
    Level level = Level.enter();
    Tape tape = new Tape(level);
    boolean done = false;
    try (level; Scope scope = Scope.open()) {
      List<Tensor> traced = new ArrayList<>();
      Tape.Node[] inputNodes = new Tape.Node[inputs.size()];
      for (int i = 0; i < inputNodes.length; i++) {
        TapeTensor input = tape.input(inputs.get(i));
        traced.add(input);
        inputNodes[i] = input.node();
      }
      List<Tensor> results = f.apply(traced);
      List<Tensor> outputs = new ArrayList<>();
      Tape.Node[] outputNodes = new Tape.Node[results.size()];
      for (int i = 0; i < outputNodes.length; i++) {
        Tensor output = results.get(i);
        if (output.level() == level) {
          TapeTensor tracedOutput = (TapeTensor) output;
          outputNodes[i] = tracedOutput.node();
          output = tracedOutput.primal();
        }
        output.forEachLeaf(scope::keep);
        outputs.add(output);
      }
      done = true;
      return new Vjp(tape, inputs, inputNodes, outputs, outputNodes);
    } finally {
      if (!done) {
        tape.close();
      }
    }
  }

  /** {@link #vjp(Program, List)} of a function with one argument and one value. */
  public static Vjp vjp(UnaryOperator<Tensor> f, Tensor x) {
    return vjp(program(f), List.of(x));
  }

  /**
   * The value of f and its derivative along {@code directions}, in one forward pass.
   *
   * @param directions one per input, of its shape; null is zero
   */
  public static Jvp jvp(Program f, List<Tensor> inputs, List<Tensor> directions) {
    if (inputs.size() != directions.size()) {
      throw new IllegalArgumentException(
          "jvp: expected " + inputs.size() + " directions, got " + directions.size());
    }
    try (Level level = Level.enter();
        Scope scope = Scope.open()) {
      List<Tensor> duals = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        Tensor input = inputs.get(i);
        Tensor direction = directions.get(i);
        if (direction != null && !direction.shape().equals(input.shape())) {
          throw new IllegalArgumentException(
              "jvp: expected a direction of shape " + input.shape() + ", got " + direction.shape());
        }
        duals.add(direction == null ? input : new JvpTensor(level, input, direction));
      }
      List<Tensor> outputs = new ArrayList<>();
      List<Tensor> tangents = new ArrayList<>();
      for (Tensor output : f.apply(duals)) {
        boolean dual = output.level() == level;
        Tensor primal = dual ? ((JvpTensor) output).primal() : output;
        outputs.add(primal);
        tangents.add(
            dual ? ((JvpTensor) output).tangent() : Tensor.zeros(primal.backend(), primal.shape()));
      }
      outputs.forEach(t -> t.forEachLeaf(scope::keep));
      tangents.forEach(t -> t.forEachLeaf(scope::keep));
      return new Jvp(outputs, tangents);
    }
  }

  /** {@link #jvp(Program, List, List)} of a function with one argument and one value. */
  public static Jvp jvp(UnaryOperator<Tensor> f, Tensor x, Tensor direction) {
    return jvp(program(f), List.of(x), List.of(direction));
  }

  /**
   * The gradient of a scalar function and the product of its Hessian with a direction, forward over
   * reverse (Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 1994).
   *
   * @param directions one per input, of its shape
   */
  public static Hvp hvp(Program f, List<Tensor> inputs, List<Tensor> directions) {
    Jvp result = jvp(xs -> valueAndGrad(f, xs).gradients(), inputs, directions);
    return new Hvp(result.outputs(), result.tangents());
  }

  /** {@link #hvp(Program, List, List)} of a function with one argument. */
  public static Hvp hvp(UnaryOperator<Tensor> f, Tensor x, Tensor direction) {
    return hvp(program(f), List.of(x), List.of(direction));
  }

  private static Program program(UnaryOperator<Tensor> f) {
    return inputs -> List.of(f.apply(inputs.get(0)));
  }
}
