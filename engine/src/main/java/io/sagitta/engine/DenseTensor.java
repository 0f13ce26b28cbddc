package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Resource;
import io.sagitta.kernels.Scope;
import java.util.function.Consumer;

/** A tensor of numbers in a backend's memory, row-major and contiguous. */
public final class DenseTensor extends Tensor implements Resource {
  private final Backend backend;
  private final Buffer buffer;

  private DenseTensor(Backend backend, Buffer buffer, Shape shape) {
    super(shape);
    this.backend = backend;
    this.buffer = buffer;
  }

  /**
   * A tensor of the backend's floating-point type with undefined contents, in the current scope.
   */
  public static DenseTensor allocate(Backend backend, Shape shape) {
    return allocate(backend, backend.dtype(), shape);
  }

  /** A tensor of the given element type with undefined contents, in the current scope. */
  public static DenseTensor allocate(Backend backend, DType type, Shape shape) {
    Scope scope = Scope.current();
    return scope.add(new DenseTensor(backend, backend.allocate(type, shape.elements()), shape));
  }

  /** The same elements in another shape, in the current scope. */
  public DenseTensor view(Shape shape) {
    if (shape.elements() != buffer.elements()) {
      throw new IllegalArgumentException("view: " + shape() + " does not fit " + shape);
    }
    Scope scope = Scope.current();
    buffer.retain();
    return scope.add(new DenseTensor(backend, buffer, shape));
  }

  /** Elements from {@code offset} on as a tensor of their own over the same memory. */
  public DenseTensor view(long offset, Shape shape) {
    Scope scope = Scope.current();
    return scope.add(new DenseTensor(backend, buffer.slice(offset, shape.elements()), shape));
  }

  /**
   * Takes over the numbers of another tensor of this shape and type, also for work that was recorded
   * with this one.
   */
  public void become(DenseTensor other) {
    if (!other.shape().equals(shape()) || other.type() != type()) {
      throw new IllegalArgumentException(
          "become: expected " + this + ", got " + other);
    }
    long[] one = {1};
    backend.copy(
        other.buffer, 0, one, buffer, 0, one, new long[] {shape().elements()});
  }

  /** The memory. */
  public Buffer buffer() {
    return buffer;
  }

  /** This, or a copy in the backend's own type where it is stored as {@link DType#BF16}. */
  public DenseTensor wide() {
    return type() == DType.BF16 ? (DenseTensor) cast(backend.dtype()) : this;
  }

  @Override
  public DType type() {
    return buffer.type();
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public DenseTensor value() {
    return this;
  }

  @Override
  public void retain() {
    buffer.retain();
  }

  @Override
  public void release() {
    buffer.release();
  }

  @Override
  public long bytes() {
    return buffer.bytes();
  }

  @Override
  Level level() {
    return null;
  }

  @Override
  void forEachLeaf(Consumer<DenseTensor> action) {
    action.accept(this);
  }
}
