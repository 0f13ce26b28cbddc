package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.RandomSigns;
import java.util.function.Consumer;

/**
 * Rows of random signs that are not stored: the ops that can ({@link Op#ofRandom}) make each where
 * they read it, for all others {@link #value} stores them. No derivative passes through it.
 */
public final class RandomTensor extends Tensor {
  private static final int WEIGHTS = 2;

  private final DenseTensor keys;
  private final DenseTensor weights;
  private final DType type;

  private RandomTensor(Shape shape, DenseTensor keys, DenseTensor weights, DType type) {
    super(shape);
    this.keys = keys;
    this.weights = weights;
    this.type = type;
  }

  /**
   * A tensor that is to {@link #become} something, in the current scope.
   *
   * @param shape [rows, …]
   */
  static RandomTensor allocate(Backend backend, Shape shape) {
    DenseTensor keys =
        DenseTensor.allocate(backend, DType.I32, Shape.of(shape.dim(0), RandomSigns.KEY));
    DenseTensor weights = DenseTensor.allocate(backend, Shape.of(WEIGHTS));
    return new RandomTensor(shape, keys, weights, backend.dtype());
  }

  /** The same numbers, as images stored as {@code type} where an op takes such. */
  RandomTensor as(DType type) {
    return new RandomTensor(shape(), keys, weights, type);
  }

  /**
   * Changes the numbers, also for work that is recorded with this tensor.
   *
   * @throws IllegalArgumentException if the direction is not of one sample for each row
   */
  void become(RandomDirection direction) {
    int rows = shape().dim(0);
    if (direction.first().length != rows) {
      throw new IllegalArgumentException(
          "random direction: expected streams for " + rows + " samples, got "
              + direction.first().length);
    }
    int[] key = RandomSigns.keys(direction.seed(), direction.first(), direction.second());
    double[] weight = {direction.firstWeight(), direction.secondWeight()};
    backend().upload(key, 0, keys.buffer(), 0, key.length);
    backend().upload(weight, 0, weights.buffer(), 0, weight.length);
  }

  /** What says which numbers these are. */
  public RandomSigns signs() {
    return new RandomSigns(keys.buffer(), weights.buffer());
  }

  @Override
  public Backend backend() {
    return keys.backend();
  }

  @Override
  public DType type() {
    return type;
  }

  /** The numbers, made anew at each call. */
  @Override
  public DenseTensor value() {
    DenseTensor value = DenseTensor.allocate(backend(), shape());
    backend().rademacher(signs(), value.buffer());
    return (DenseTensor) value.cast(type);
  }

  @Override
  Level level() {
    return null;
  }

  @Override
  void forEachLeaf(Consumer<DenseTensor> action) {
    action.accept(keys);
    action.accept(weights);
  }
}
