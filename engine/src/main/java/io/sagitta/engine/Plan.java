package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Recording;
import io.sagitta.kernels.Scope;
import java.util.EnumMap;
import java.util.List;
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
  private final Pass base = new Pass(this::trace);
  private final Pass forward = new Pass(this::pushForward);
  private final Pass backward = new Pass(this::pullBack);
  private final Map<Precision, Pass> stencils = new EnumMap<>(Precision.class);
  private DenseTensor tangent;
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
    this.x = own(batch);
  }

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
    tangent = tangent == null ? own(x.shape()) : tangent;
    fill(tangent, v);
    return forward.run()[0];
  }

  /** Jᵀ·g: the gradient of ⟨g, result⟩ in the argument, for each sample. */
  public Tensor vjp(DenseTensor g) {
    checkBase();
    gradient = gradient == null ? own(outputShape) : gradient;
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
    if (!forStencils) {
      throw new IllegalStateException("stencil: this plan was not made for stencils");
    }
    checkBase();
    tangent = tangent == null ? own(x.shape()) : tangent;
    fill(tangent, d);
    Tensor[] parts =
        stencils.computeIfAbsent(precision, p -> new Pass(() -> pushStencil(p))).run();
    return new Stencil(parts[0], parts[1]);
  }

  private Tensor[] trace() {
    if (tape != null) {
      tape.close();
    }
    try (Level level = Level.enter()) {
      tape = new Tape(level, forStencils);
      TapeTensor traced = tape.input(x);
      input = traced.node();
      Tensor result = network.apply(traced);
      output = result instanceof TapeTensor varying ? varying.node() : null;
      outputShape = result.shape();
      return new Tensor[] {result.value()};
    }
  }

  private Tensor[] pushForward() {
    Stencil result =
        sweep(
            (op, inputs, value, parts) -> {
              Tensor[] tangents = new Tensor[parts.length];
              for (int i = 0; i < parts.length; i++) {
                tangents[i] = parts[i] == null ? null : parts[i].odd();
              }
              Tensor t = op.jvp(inputs, value, tangents);
              return t == null ? null : new Stencil(t, null);
            });
    return new Tensor[] {result.odd()};
  }

  private Tensor[] pushStencil(Precision precision) {
    Stencil result =
        sweep((op, inputs, value, parts) -> op.in(precision).stencil(inputs, value, parts));
    return new Tensor[] {result.odd(), orZeros(result.even())};
  }

  private Stencil sweep(Tape.Rule rule) {
    Stencil result =
        output == null ? null : tape.sweep(input, new Stencil(tangent, null), output, rule);
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
    if (tape == null) {
      throw new IllegalStateException("plan: run it at a base point first");
    }
  }

  private DenseTensor own(Shape shape) {
    try (Scope scope = Scope.open()) {
      return scope.move(DenseTensor.allocate(backend, shape), owner);
    }
  }

  private void fill(DenseTensor target, DenseTensor source) {
    if (closed) {
      throw new IllegalStateException("plan used after it was closed");
    }
    if (!source.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "plan: expected shape " + target.shape() + ", got " + source.shape());
    }
    copy(source, target);
  }

  private void copy(DenseTensor source, DenseTensor target) {
    long[] one = {1};
    backend.copy(
        source.buffer(), 0, one, target.buffer(), 0, one, new long[] {source.shape().elements()});
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    List.of(base, forward, backward).forEach(Pass::close);
    stencils.values().forEach(Pass::close);
    if (tape != null) {
      tape.close();
    }
    owner.close();
  }

  /** Work from fixed inputs, done anew each time or recorded once. */
  private final class Pass implements AutoCloseable {
    private final Supplier<Tensor[]> work;
    private Scope results;
    private Tensor[] recorded;
    private Recording recording;

    Pass(Supplier<Tensor[]> work) {
      this.work = work;
    }

    /** The results, in the current scope. */
    Tensor[] run() {
      if (recording == null) {
        recording = backend.record(this::capture);
      }
      if (recording == null) {
        return once();
      }
      recording.replay();
      Tensor[] copies = new Tensor[recorded.length];
      for (int i = 0; i < copies.length; i++) {
        DenseTensor copy = DenseTensor.allocate(backend, recorded[i].shape());
        copy(recorded[i].value(), copy);
        copies[i] = copy;
      }
      return copies;
    }

    private Tensor[] once() {
      try (Scope scope = Scope.open()) {
        Tensor[] made = work.get();
        for (Tensor result : made) {
          result.keepFrom(scope);
        }
        return made;
      }
    }

    private void capture() {
      releaseResults();
      results = Scope.detached();
      try (Scope scope = Scope.open()) {
        recorded = work.get();
        for (Tensor result : recorded) {
          result.forEachLeaf(
              leaf -> {
                leaf.retain();
                results.add(leaf);
              });
        }
      }
    }

    private void releaseResults() {
      if (results != null) {
        results.close();
      }
    }

    @Override
    public void close() {
      releaseResults();
      if (recording != null) {
        recording.close();
      }
    }
  }
}
