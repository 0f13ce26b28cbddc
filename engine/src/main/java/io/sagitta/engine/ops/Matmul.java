package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Precision;

/**
 * c = op(a)·op(b) with op a transpose where asked; op(a) is [m, k], op(b) is [k, n], or both are
 * batches of such with the same leading extent. Bilinear: both rules are products again.
 */
public final class Matmul extends Bilinear {
  private final boolean transposeA;
  private final boolean transposeB;
  private final Precision precision;

  /** Makes the op. */
  public Matmul(boolean transposeA, boolean transposeB, Precision precision) {
    this.transposeA = transposeA;
    this.transposeB = transposeB;
    this.precision = precision;
  }

  @Override
  public String name() {
    return "matmul";
  }

  @Override
  protected Shape outputShape(Shape[] inputs) {
    Shape a = inputs[0];
    Shape b = inputs[1];
    int rank = a.rank();
    if (rank != b.rank() || rank < 2 || rank > 3 || (rank == 3 && a.dim(0) != b.dim(0))) {
      throw new IllegalArgumentException(
          "matmul: expected two matrices or two batches of the same number, got " + a + " x " + b);
    }
    int m = a.dim(transposeA ? -1 : -2);
    int n = b.dim(transposeB ? -2 : -1);
    if (a.dim(transposeA ? -2 : -1) != b.dim(transposeB ? -1 : -2)) {
      throw new IllegalArgumentException(
          "matmul: inner dimensions differ: " + a + (transposeA ? " transposed" : "") + " x " + b
              + (transposeB ? " transposed" : ""));
    }
    return rank == 2 ? Shape.of(m, n) : Shape.of(a.dim(0), m, n);
  }

  @Override
  protected void compute(DenseTensor[] inputs, DenseTensor output) {
    Shape shape = output.shape();
    int k = inputs[0].shape().dim(transposeA ? -2 : -1);
    int batch = shape.rank() == 3 ? shape.dim(0) : 1;
    output.backend().matmul(
        precision, inputs[0].buffer(), transposeA, inputs[1].buffer(), transposeB, output.buffer(),
        batch, shape.dim(-2), shape.dim(-1), k);
  }

  @Override
  protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
    Tensor a = inputs[0];
    Tensor b = inputs[1];
    Tensor gradA = null;
    Tensor gradB = null;
    if (needed[0]) {
      gradA = transposeA ? product(b, gradient, transposeB, true)
          : product(gradient, b, false, !transposeB);
    }
    if (needed[1]) {
      gradB = transposeB ? product(gradient, a, true, transposeA)
          : product(a, gradient, !transposeA, false);
    }
    return new Tensor[] {gradA, gradB};
  }

  /** Of a matrix that every row of the first argument is multiplied with. */
  @Override
  protected Tensor squaredNorms(
      Tensor[] inputs, Tensor output, Tensor gradient, boolean[] shared, int samples) {
    boolean rows = !shared[0] && !transposeA && inputs[0].shape().rank() == 2;
    return rows
        ? SampleNorms.ofProduct(precision, inputs[0], gradient, samples)
        : super.squaredNorms(inputs, output, gradient, shared, samples);
  }

  private Tensor product(Tensor a, Tensor b, boolean transposeFirst, boolean transposeSecond) {
    return new Matmul(transposeFirst, transposeSecond, precision).apply(a, b);
  }

  @Override
  protected Matmul in(Precision other) {
    return new Matmul(transposeA, transposeB, other);
  }
}
