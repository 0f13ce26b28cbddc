package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A network made ready for one batch shape. It is run once at a base point, and then asked as often
 * as wanted how its result varies around it: {@link #jvp} gives J·v, {@link #vjp} gives Jᵀ·g and
 * {@link #stencil} a central difference. All of these share the base pass, its activations and its
 * masks; none goes through a second-order graph. Where the {@linkplain Backend#record backend
 * records}, each kind of pass is recorded the first time and replayed from then on.
 *
 * <p>A plan is used by one thread at a time. What it returns belongs to the caller's scope.
 */
public final class Plan implements AutoCloseable {
  private final UnaryOperator<Tensor> network;
  private final Backend backend;
  private final boolean forStencils;
  private final Scope owner = Scope.detached();
  private final DenseTensor x;
  private final RecordedPass base;
  private final RecordedPass backward;
  private final Map<Variation, RecordedPass> forward = new HashMap<>();
  private DenseTensor tangent;
  private RandomTensor random;
  private DenseTensor gradient;
  private Tape tape;
  private Tape.Node input;
  private Tape.Node output;
  private Shape outputShape;
  private boolean closed;

  private Plan(UnaryOperator<Tensor> network, Backend backend, Shape batch, boolean forStencils) {
    this.network = network;
    this.backend = backend;
    this.forStencils = forStencils;
    this.x = owned(() -> DenseTensor.allocate(backend, batch));
    this.base = new RecordedPass(backend, this::trace);
    this.backward = new RecordedPass(backend, this::pullBack);
  }

  /**
   * A kind of pass forward.
   *
   * @param random whether along a direction that is not stored
   * @param stencil whether of a central difference
   * @param precision of its products; null as the network has it
   */
  private record Variation(boolean random, boolean stencil, Precision precision) {}

  /**
   * A plan for {@link #jvp} and {@link #vjp}.
   *
   * @param network each row of its result a function of the same row of its argument alone
   * @param batch the shape of its argument, [N, …]
   */
  public static Plan of(UnaryOperator<Tensor> network, Backend backend, Shape batch) {
    return new Plan(network, backend, batch, false);
  }

  /** A plan for {@link #stencil} too; it keeps more of the base pass. */
  public static Plan forStencils(UnaryOperator<Tensor> network, Backend backend, Shape batch) {
    return new Plan(network, backend, batch, true);
  }

  /** The shape of the network's argument, [N, …]. */
  public Shape batch() {
    return x.shape();
  }

  /** Where it computes. */
  public Backend backend() {
    return backend;
  }

  /**
   * Runs the network at a base point; what was kept of the one before is gone.
   *
   * @return the network's result
   */
  public Tensor base(DenseTensor point) {
    fill(x, point);
    return base.run()[0];
  }

  /**
   * Whether the network is linear on each of finitely many pieces, so that its result has no second
   * derivative almost everywhere; read off its ops.
   *
   * @throws IllegalStateException before the first {@link #base}
   */
  public boolean isPiecewiseLinear() {
    checkBase();
    return tape.isPiecewiseLinear();
  }

  /** J·v: how the result changes along {@code v}, of the argument's shape, one for each sample. */
  public Tensor jvp(DenseTensor v) {
    checkBase();
    vary(v);
    return push(new Variation(false, false, null))[0];
  }

  /** The same along random signs, which a first convolution need not have stored. */
  public Tensor jvp(RandomDirection v) {
    checkBase();
    vary(v);
    return push(new Variation(true, false, null))[0];
  }

  /** Jᵀ·g: the gradient of ⟨g, result⟩ in the argument, for each sample. */
  public Tensor vjp(DenseTensor g) {
    checkBase();
    gradient =
        gradient == null
            ? owned(() -> DenseTensor.allocate(backend, outputShape))
            : gradient;
    fill(gradient, g);
    return backward.run()[0];
  }

  /**
   * How the result changes between the points x ± d.
   *
   * @param d of the argument's shape
   * @param precision of the products in this pass; the base pass has its own
   * @throws IllegalArgumentException if an op of the network has no stencil rule, naming it
   */
  public Stencil stencil(DenseTensor d, Precision precision) {
    checkStencil();
    vary(d);
    Tensor[] parts = push(new Variation(false, true, precision));
    return new Stencil(parts[0], parts[1]);
  }

  /** The same along random signs, which a first convolution need not have stored. */
  public Stencil stencil(RandomDirection d, Precision precision) {
    checkStencil();
    vary(d);
    Tensor[] parts = push(new Variation(true, true, precision));
    return new Stencil(parts[0], parts[1]);
  }

  private void checkStencil() {
    if (!forStencils) {
      throw new IllegalStateException("stencil: this plan was not made for stencils");
    }
    checkBase();
  }

  private void vary(DenseTensor direction) {
    if (tangent == null) {
      tangent = owned(() -> DenseTensor.allocate(backend, x.shape()));
    }
    fill(tangent, direction);
  }

  private void vary(RandomDirection direction) {
    random = random == null ? owned(() -> RandomTensor.allocate(backend, x.shape())) : random;
    random.become(direction);
  }

  private Tensor[] push(Variation variation) {
    return forward
        .computeIfAbsent(
            variation,
            v ->
                new RecordedPass(
                    backend, () -> v.stencil ? pushStencil(v) : pushForward(v)))
        .run();
  }

  private Tensor[] trace() {
    if (tape != null) {
      tape.close();
      tape = null;
    }
    Level level = Level.enter();
    Tape fresh = new Tape(level, forStencils);
    try (level) {
      TapeTensor traced = fresh.input(x);
      Tensor result = network.apply(traced);
      input = traced.node();
      output = result instanceof TapeTensor varying ? varying.node() : null;
      outputShape = result.shape();
      tape = fresh;
      return new Tensor[] {result.value()};
    } finally {
      if (tape == null) {
        fresh.close();
      }
    }
  }

  private Tensor[] pushForward(Variation variation) {
    Stencil result =
        sweep(
            variation.random ? random : tangent,
            (op, inputs, value, parts) -> {
              Tensor[] tangents = new Tensor[parts.length];
              for (int i = 0; i < parts.length; i++) {
                tangents[i] = parts[i] == null ? null : parts[i].odd();
              }
              Tensor t = op.jvp(inputs, value, tangents);
              return t == null ? null : new Stencil(t, null);
            });
    return new Tensor[] {result.odd().value()};
  }

  /** Ops that take images of bf16 make such, so that what the direction is stored as goes on. */
  private Tensor[] pushStencil(Variation variation) {
    boolean asBf16 =
        variation.precision == Precision.BF16 && backend.storesDifferencesAsBf16();
    DType stored = asBf16 ? DType.BF16 : backend.dtype();
    Stencil result =
        sweep(
            variation.random ? random.as(stored) : tangent.cast(stored),
            (op, inputs, value, parts) ->
                op.in(variation.precision).stencil(inputs, value, parts));
    return new Tensor[] {result.odd().value().wide(), orZeros(result.even()).value().wide()};
  }

  private Stencil sweep(Tensor direction, Tape.Rule rule) {
    Stencil start = new Stencil(direction, null);
    Stencil result = output == null ? null : tape.sweep(input, start, output, rule);
    return result == null ? new Stencil(orZeros(null), null) : result;
  }

  private Tensor orZeros(Tensor t) {
    return t == null ? Tensor.zeros(backend, outputShape) : t;
  }

  private Tensor[] pullBack() {
    Tensor result =
        output == null
            ? null
            : tape.pullback(
                new Tape.Node[] {output}, new Tensor[] {gradient}, new Tape.Node[] {input}, false)[
                0];
    return new Tensor[] {result == null ? Tensor.zeros(backend, x.shape()) : result};
  }

  private void checkBase() {
    checkOpen();
    if (tape == null) {
      throw new IllegalStateException("plan: run it at a base point first");
    }
  }

  private <T extends Tensor> T owned(Supplier<T> allocation) {
    try (Scope scope = Scope.open()) {
      T made = allocation.get();
      made.forEachLeaf(leaf -> scope.move(leaf, owner));
      return made;
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("plan used after it was closed");
    }
  }

  private void fill(DenseTensor target, DenseTensor source) {
    checkOpen();
    if (!source.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "plan: expected shape " + target.shape() + ", got " + source.shape());
    }
    target.become(source);
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    base.close();
    backward.close();
    forward.values().forEach(RecordedPass::close);
    if (tape != null) {
      tape.close();
    }
    owner.close();
  }
}
