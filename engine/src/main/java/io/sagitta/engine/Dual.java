package io.sagitta.engine;

/** A value and its derivative along a direction, made together. */
public record Dual(DenseTensor value, DenseTensor tangent) {
  /** Both of one shape, with undefined contents, in the current scope. */
  public static Dual allocate(DenseTensor like, Shape shape) {
    return new Dual(
        DenseTensor.allocate(like.backend(), shape), DenseTensor.allocate(like.backend(), shape));
  }
}
