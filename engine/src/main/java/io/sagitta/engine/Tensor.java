package io.sagitta.engine;

import io.sagitta.engine.ops.Abs;
import io.sagitta.engine.ops.Add;
import io.sagitta.engine.ops.Affine;
import io.sagitta.engine.ops.BroadcastTo;
import io.sagitta.engine.ops.Cast;
import io.sagitta.engine.ops.Divide;
import io.sagitta.engine.ops.Exp;
import io.sagitta.engine.ops.Flip;
import io.sagitta.engine.ops.Gelu;
import io.sagitta.engine.ops.Greater;
import io.sagitta.engine.ops.Log;
import io.sagitta.engine.ops.Mask;
import io.sagitta.engine.ops.Matmul;
import io.sagitta.engine.ops.Max;
import io.sagitta.engine.ops.Maximum;
import io.sagitta.engine.ops.Multiply;
import io.sagitta.engine.ops.Pad;
import io.sagitta.engine.ops.Reciprocal;
import io.sagitta.engine.ops.Relu;
import io.sagitta.engine.ops.Reshape;
import io.sagitta.engine.ops.Slice;
import io.sagitta.engine.ops.Sqrt;
import io.sagitta.engine.ops.Subtract;
import io.sagitta.engine.ops.SumTo;
import io.sagitta.engine.ops.Tanh;
import io.sagitta.engine.ops.Transpose;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An array of numbers on a backend, and the operations on it. Tensors are immutable; operations
 * make new ones in the current {@link Scope}. Elementwise operations of two tensors broadcast as
 * NumPy does. Convolutions, pooling, normalisation and losses are static methods of their classes
 * in {@link io.sagitta.engine.ops}.
 */
public abstract sealed class Tensor permits DenseTensor, JvpTensor, RandomTensor, TapeTensor {
  private final Shape shape;

  Tensor(Shape shape) {
    this.shape = shape;
  }

  /** The extents. */
  public final Shape shape() {
    return shape;
  }

  /** The backend that computes with this tensor. */
  public abstract Backend backend();

  /**
   * The numbers alone: no derivative passes through the result.
   *
   * @return the dense tensor under all differentiations in progress
   */
  public abstract DenseTensor value();

  /** The element type. */
  public abstract DType type();

  /** The differentiation this tensor takes part in, or null. */
  abstract Level level();

  /** Visits the dense tensors that this one is made of. */
  abstract void forEachLeaf(Consumer<DenseTensor> action);

  // ---------------------------------------------------------------- making

  /** A tensor of the backend's type from numbers in row-major order. */
  public static DenseTensor of(Backend backend, Shape shape, float... values) {
    checkCount(shape, values.length);
    DenseTensor tensor = DenseTensor.allocate(backend, shape);
    backend.upload(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** A tensor of the backend's type from numbers in row-major order. */
  public static DenseTensor of(Backend backend, Shape shape, double[] values) {
    checkCount(shape, values.length);
    DenseTensor tensor = DenseTensor.allocate(backend, shape);
    backend.upload(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** Labels or row indices, of type {@link DType#I32} and shape [values.length]. */
  public static DenseTensor indices(Backend backend, int... values) {
    DenseTensor tensor = DenseTensor.allocate(backend, DType.I32, Shape.of(values.length));
    backend.upload(values, 0, tensor.buffer(), 0, values.length);
    return tensor;
  }

  /** A tensor with one value everywhere. */
  public static DenseTensor full(Backend backend, Shape shape, double value) {
    DenseTensor tensor = DenseTensor.allocate(backend, shape);
    backend.fill(tensor.buffer(), value);
    return tensor;
  }

  /** A tensor of zeros. */
  public static DenseTensor zeros(Backend backend, Shape shape) {
    return full(backend, shape, 0);
  }

  /** A single number. */
  public static DenseTensor scalar(Backend backend, double value) {
    return full(backend, Shape.scalar(), value);
  }

  // ---------------------------------------------------------------- reading

  /** All elements in row-major order. */
  public final float[] toFloats() {
    float[] values = new float[count()];
    read(wide -> backend().download(wide.buffer(), 0, values, 0, values.length));
    return values;
  }

  /** All elements in row-major order. */
  public final double[] toDoubles() {
    double[] values = new double[count()];
    read(wide -> backend().download(wide.buffer(), 0, values, 0, values.length));
    return values;
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private void read(Consumer<DenseTensor> action) {
    try (Scope scope = Scope.open()) {
      action.accept(value().wide());
    }
  }

  /** All elements of a tensor of indices. */
  public final int[] toInts() {
    int[] values = new int[count()];
    backend().download(value().buffer(), 0, values, 0, values.length);
    return values;
  }

  /**
   * The only element.
   *
   * @throws IllegalStateException if there is not exactly one
   */
  public final double item() {
    if (shape.elements() != 1) {
      throw new IllegalStateException("item: expected one element, got shape " + shape);
    }
    return toDoubles()[0];
  }

  // ---------------------------------------------------------------- lifetimes

  /**
   * Runs {@code body} in a scope of its own and keeps only its result.
   *
   * @return the result, in the scope that was current at the call
   */
  public static Tensor tidy(Supplier<Tensor> body) {
    try (Scope scope = Scope.open()) {
      Tensor result = body.get();
      result.forEachLeaf(scope::keep);
      return result;
    }
  }

  /** Hands this tensor to the scope around {@code scope}; returns it. */
  public final Tensor keepFrom(Scope scope) {
    forEachLeaf(scope::keep);
    return this;
  }

  // ---------------------------------------------------------------- storage

  /**
   * The same numbers stored as {@code type}, {@link DType#BF16} or the backend's own, rounded to the
   * nearest; this where they are stored so. Derivatives pass through as if nothing were rounded, and
   * gradients come back in this tensor's type.
   *
   * @throws UnsupportedOperationException if the backend does not store bfloat16
   */
  public final Tensor cast(DType type) {
    return type == type() ? this : new Cast(type).apply(this);
  }

  // ---------------------------------------------------------------- elementwise

  /** this + other. */
  public final Tensor add(Tensor other) {
    return Add.INSTANCE.apply(this, other);
  }

  /** this − other. */
  public final Tensor sub(Tensor other) {
    return Subtract.INSTANCE.apply(this, other);
  }

  /** this · other, element by element. */
  public final Tensor mul(Tensor other) {
    return Multiply.INSTANCE.apply(this, other);
  }

  /** this / other. */
  public final Tensor div(Tensor other) {
    return Divide.INSTANCE.apply(this, other);
  }

  /** The greater of both; where they are equal the gradient goes to this. */
  public final Tensor max(Tensor other) {
    return Maximum.INSTANCE.apply(this, other);
  }

  /** 1 where this &gt; other, else 0; its derivative is zero. */
  public final Tensor greater(Tensor other) {
    return Greater.INSTANCE.apply(this, other);
  }

  /** This where {@code gate} &gt; 0, else 0; no derivative passes through the gate. */
  public final Tensor mask(Tensor gate) {
    return Mask.INSTANCE.apply(this, gate);
  }

  /** this + constant. */
  public final Tensor add(double constant) {
    return new Affine(1, constant).apply(this);
  }

  /** this · constant. */
  public final Tensor mul(double constant) {
    return new Affine(constant, 0).apply(this);
  }

  /** −this. */
  public final Tensor neg() {
    return mul(-1);
  }

  /** this². */
  public final Tensor square() {
    return mul(this);
  }

  /** e^this. */
  public final Tensor exp() {
    return Exp.INSTANCE.apply(this);
  }

  /** Natural logarithm. */
  public final Tensor log() {
    return Log.INSTANCE.apply(this);
  }

  /** Square root. */
  public final Tensor sqrt() {
    return Sqrt.INSTANCE.apply(this);
  }

  /** 1 / this. */
  public final Tensor reciprocal() {
    return Reciprocal.INSTANCE.apply(this);
  }

  /** Hyperbolic tangent. */
  public final Tensor tanh() {
    return Tanh.INSTANCE.apply(this);
  }

  /** x·Φ(x), Φ the normal distribution function: the Gaussian error linear unit. */
  public final Tensor gelu() {
    return Gelu.INSTANCE.apply(this);
  }

  /** Absolute value; its derivative at 0 is 0. */
  public final Tensor abs() {
    return Abs.INSTANCE.apply(this);
  }

  /** max(this, 0); its derivative at 0 is 0. */
  public final Tensor relu() {
    return Relu.INSTANCE.apply(this);
  }

  // ---------------------------------------------------------------- reductions

  /** The sum of all elements, a scalar. */
  public final Tensor sum() {
    int[] ones = new int[rank()];
    Arrays.fill(ones, 1);
    return sumTo(Shape.of(ones)).reshape(Shape.scalar());
  }

  /** Sums over axes, which are removed from the shape. */
  public final Tensor sum(int... axes) {
    Shape kept = Axes.reduced(shape, axes);
    return new SumTo(kept).apply(this).reshape(Axes.removed(shape, axes));
  }

  /** The mean of all elements, a scalar. */
  public final Tensor mean() {
    return sum().mul(1.0 / shape.elements());
  }

  /** Means over axes, which are removed from the shape. */
  public final Tensor mean(int... axes) {
    double count = (double) shape.elements() / Axes.reduced(shape, axes).elements();
    return sum(axes).mul(1 / count);
  }

  /** Maxima over axes, which are removed; equal maxima share the gradient. */
  public final Tensor max(int... axes) {
    return new Max(Axes.reduced(shape, axes)).apply(this).reshape(Axes.removed(shape, axes));
  }

  /** Sums over the axes that broadcasting from {@code target} would repeat. */
  public final Tensor sumTo(Shape target) {
    return shape.equals(target) ? this : new SumTo(target).apply(this);
  }

  /** Repeats along the axes where {@code target} is longer. */
  public final Tensor broadcastTo(Shape target) {
    return shape.equals(target) ? this : new BroadcastTo(target).apply(this);
  }

  // ---------------------------------------------------------------- products

  /** The matrix product of [m, k] and [k, n], or of each of a batch of them. */
  public final Tensor matmul(Tensor other) {
    return matmul(other, false, false);
  }

  /** The matrix product with either side transposed first. */
  public final Tensor matmul(Tensor other, boolean transposeThis, boolean transposeOther) {
    return new Matmul(transposeThis, transposeOther, Precision.FP32).apply(this, other);
  }

  // ---------------------------------------------------------------- shape

  /** The same elements in another shape; free. */
  public final Tensor reshape(Shape target) {
    return shape.equals(target) ? this : new Reshape(target).apply(this);
  }

  /** Axis i of the result is axis {@code order[i]} of this. */
  public final Tensor transpose(int... order) {
    return new Transpose(order).apply(this);
  }

  /** The box of {@code extents} elements from {@code starts} on. */
  public final Tensor slice(int[] starts, Shape extents) {
    return new Slice(starts, extents).apply(this);
  }

  /** {@code extent} entries of one axis, from {@code start} on. */
  public final Tensor slice(int axis, int start, int extent) {
    int[] starts = new int[rank()];
    starts[shape.axis(axis)] = start;
    return slice(starts, shape.with(axis, extent));
  }

  /** Zeros around: {@code before[i]} and {@code after[i]} of them along axis i. */
  public final Tensor pad(int[] before, int[] after) {
    return new Pad(before, after).apply(this);
  }

  /** Reverses the order along axes. */
  public final Tensor flip(int... axes) {
    return new Flip(axes).apply(this);
  }

  /** The type of elements and the shape, such as {@code F32[32, 10]}. */
  @Override
  public final String toString() {
    return type() + shape.toString();
  }

  final int rank() {
    return shape.rank();
  }

  private int count() {
    return Math.toIntExact(shape.elements());
  }

  private static void checkCount(Shape shape, int count) {
    if (shape.elements() != count) {
      throw new IllegalArgumentException(
          "tensor: shape " + shape + " holds " + shape.elements() + " elements, got " + count);
    }
  }
}
