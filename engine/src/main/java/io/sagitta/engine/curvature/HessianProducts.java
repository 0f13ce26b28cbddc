package io.sagitta.engine.curvature;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.RandomDirection;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;

/**
 * Products of the input Hessian of each sample of a batch with vectors, as many as wanted after one
 * base pass.
 *
 * <p>Where the network is piecewise linear, which is read off its ops, H = Jᵀ(diag(p) − ppᵀ)J almost
 * everywhere: Hv is one tangent row t = Jv, the covariance p∘(t − ⟨p, t⟩) in float64, and one
 * gradient row back; a quadratic form vᵀHv is the variance of t under p and needs no gradient row.
 * Elsewhere the product comes from forward over reverse differentiation (Pearlmutter, "Fast Exact
 * Multiplication by the Hessian", 1994), in which smooth ops make value and tangent in one kernel.
 *
 * <p>Used by one thread at a time.
 */
public final class HessianProducts implements AutoCloseable {
  private final Logits network;
  private final Plan plan;
  private DenseTensor points;
  private int[] labels;
  private int classes;
  private double[] logits;

  private HessianProducts(Logits network, Plan plan) {
    this.network = network;
    this.plan = plan;
  }

  /**
   * Products for batches of one shape.
   *
   * @param batch [N, …], the shape of the network's argument
   */
  public static HessianProducts of(Logits network, Backend backend, Shape batch) {
    return new HessianProducts(network, Plan.of(network::logits, backend, batch));
  }

  /** Products at the rows of a round, whose base pass is done; not closed. */
  static HessianProducts on(Logits network, Plan plan, PlannedTrials.Rows rows) {
    HessianProducts products = new HessianProducts(network, plan);
    products.points = rows.points();
    products.labels = rows.labels();
    products.classes = rows.classes();
    products.logits = rows.logits();
    return products;
  }

  /**
   * Runs the network at the samples that the products after this are of.
   *
   * @param points of the batch's shape; open for as long as products are asked for
   * @param labels [N]
   * @return the logits, [N, K]
   * @throws IllegalArgumentException if there are not as many labels as samples, or one names no
   *     class
   */
  public Tensor at(DenseTensor points, int[] labels) {
    if (labels.length != plan.batch().dim(0)) {
      throw new IllegalArgumentException(
          "hessian products: expected " + plan.batch().dim(0) + " labels, got " + labels.length);
    }
    Tensor base = plan.base(points);
    CrossEntropy.checkLabels(base.shape(), labels);
    this.points = points;
    this.labels = labels.clone();
    this.classes = base.shape().dim(1);
    this.logits = base.toDoubles();
    return base;
  }

  /**
   * Hv of each sample.
   *
   * @param v of the batch's shape
   * @throws IllegalStateException before the first {@link #at}
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public Tensor times(DenseTensor v) {
    if (!plan.isPiecewiseLinear()) {
      return Autodiff.hvp(
              z -> CrossEntropy.crossEntropy(network.logits(z), labels).sum(), points, v)
          .product();
    }
    try (Scope scope = Scope.open()) {
      double[] t = plan.jvp(v).toDoubles();
      for (int row = 0; row < labels.length; row++) {
        double[] p = softmax(row);
        double mean = mean(p, t, row);
        for (int k = 0; k < classes; k++) {
          t[row * classes + k] = p[k] * (t[row * classes + k] - mean);
        }
      }
      Tensor product = plan.vjp(Tensor.of(plan.backend(), Shape.of(labels.length, classes), t));
      product.keepFrom(scope);
      return product;
    }
  }

  /**
   * vᵀHv of each sample, [N].
   *
   * @param v of the batch's shape
   * @throws IllegalStateException before the first {@link #at}
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public double[] forms(DenseTensor v) {
    try (Scope scope = Scope.open()) {
      if (plan.isPiecewiseLinear()) {
        return variances(plan.jvp(v).toDoubles());
      }
      int elements = Math.toIntExact(v.shape().elements() / labels.length);
      return times(v).mul(v).reshape(Shape.of(labels.length, elements)).sum(1).toDoubles();
    }
  }

  /**
   * The same along random signs, which need not be stored where the network is piecewise linear.
   *
   * @throws IllegalStateException before the first {@link #at}
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public double[] forms(RandomDirection v) {
    try (Scope scope = Scope.open()) {
      return plan.isPiecewiseLinear()
          ? variances(plan.jvp(v).toDoubles())
          : forms(v.on(plan.backend(), plan.batch()));
    }
  }

  /** Σ p·(t − Σ p·t)² of each row. */
  private double[] variances(double[] t) {
    double[] variances = new double[labels.length];
    for (int row = 0; row < variances.length; row++) {
      double[] p = softmax(row);
      double mean = mean(p, t, row);
      for (int k = 0; k < classes; k++) {
        double apart = t[row * classes + k] - mean;
        variances[row] += p[k] * apart * apart;
      }
    }
    return variances;
  }

  private double[] softmax(int row) {
    double[] p = new double[classes];
    LossDifferences.softmax(logits, row, p);
    return p;
  }

  private static double mean(double[] p, double[] t, int row) {
    double mean = 0;
    for (int k = 0; k < p.length; k++) {
      mean += p[k] * t[row * p.length + k];
    }
    return mean;
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    plan.close();
  }
}
