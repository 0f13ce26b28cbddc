package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRPDecomposition_F64;

/**
 * The trace of the input Hessian by Hutch++ (Meyer, Musco, Musco and Woodruff, "Hutch++: Optimal
 * Stochastic Trace Estimation", 2021, algorithm 1): an orthonormal basis Q of H·S, for a sketch S of
 * {@code sketch} sign vectors, takes the greatest eigenvalues exactly, and random probes estimate
 * the rest,
 *
 * <pre>tr H = tr QᵀHQ + E[g̃ᵀHg̃],   g̃ = (I − QQᵀ)g.</pre>
 *
 * <p>Unbiased; with a sketch as wide as the rank of H, which for C classes is below C where the
 * network is piecewise linear, exact. There the sketch costs a tangent and a gradient row a column,
 * all else a tangent row. Q is found in float64 on the host, which holds {@code batch · sketch · D}
 * doubles. Asking for later trials alone makes the sketch again.
 *
 * @param sketch columns of S
 * @param n probes of the rest, a sample
 * @param seed of the signs, {@code Philox(seed).rademacher} of the stream {@code (11, id·2^24 +
 *     2·i)} for column i and {@code (11, id·2^24 + 2·i + 1)} for probe i
 * @param batch samples at a time; changes results by no more than rounding
 */
public record HutchPlusPlus(int sketch, int n, long seed, int batch)
    implements RandomizedEstimator {
  /** Checks. */
  public HutchPlusPlus {
    Directions.checkTrials("hutch++", n, batch, 1);
    if (sketch < 1 || sketch > Directions.MAX_TRIALS) {
      throw new IllegalArgumentException(
          "hutch++: expected a sketch of at least 1 column, got " + sketch);
    }
  }

  /**
   * A third of the products for the sketch, a third for its basis, and what is left for probes, as
   * in the paper.
   *
   * @param products with the Hessian, at least 4, which leave the two probes that an error needs
   */
  public static HutchPlusPlus ofProducts(int products, long seed, int batch) {
    if (products < 4) {
      throw new IllegalArgumentException(
          "hutch++: expected n of at least 4 products, got " + products);
    }
    return new HutchPlusPlus(products / 3, products - 2 * (products / 3), seed, batch);
  }

  @Override
  public Trials trials(
      Logits network, Backend backend, Samples samples, int first, int count) {
    double[][] values = new double[samples.count()][count];
    Trials base =
        new PlannedTrials(network, backend, samples, 0, 1, batch)
            .derivatives(
                (plan, rows) -> {
                  new Round(samples, rows, HessianProducts.on(network, plan, rows), backend)
                      .run(first, values);
                  return new double[rows.labels().length];
                });
    return new Trials(base.base(), values);
  }

  /** The work on one batch of samples. */
  private final class Round {
    private final Directions directions = new Directions(Directions.HUTCH_PLUS_PLUS, seed);
    private final Samples samples;
    private final PlannedTrials.Rows rows;
    private final HessianProducts products;
    private final Backend backend;
    private final int elements;

    Round(
        Samples samples, PlannedTrials.Rows rows, HessianProducts products, Backend backend) {
      this.samples = samples;
      this.rows = rows;
      this.products = products;
      this.backend = backend;
      this.elements = samples.elements();
    }

    void run(int first, double[][] values) {
      DMatrixRMaj[] bases = bases();
      double[] kept = traces(bases);
      int count = values[0].length;
      for (int i = 0; i < count; i++) {
        double[] rest = rest(bases, first + i);
        for (int row = 0; row < rest.length; row++) {
          values[rows.owners()[row]][i] = kept[row] + rest[row];
        }
      }
    }

    /** Q of each row, [D, columns]. */
    @SuppressWarnings("try") // an open scope is used by the operations inside it
    private DMatrixRMaj[] bases() {
      DMatrixRMaj[] bases = new DMatrixRMaj[rows.labels().length];
      Arrays.setAll(bases, row -> new DMatrixRMaj(elements, sketch));
      for (int column = 0; column < sketch; column++) {
        try (Scope scope = Scope.open()) {
          double[] product = products.times(signs(column, 0)).toDoubles();
          for (int row = 0; row < bases.length; row++) {
            for (int d = 0; d < elements; d++) {
              bases[row].set(d, column, product[row * elements + d]);
            }
          }
        }
      }
      for (int row = 0; row < bases.length; row++) {
        // With pivots, for products may depend on one another: Q then spans more than they do.
        QRPDecomposition_F64<DMatrixRMaj> qr = DecompositionFactory_DDRM.qrp(elements, sketch);
        if (!qr.decompose(bases[row])) {
          throw new ArithmeticException("hutch++: expected finite products with the Hessian");
        }
        bases[row] = qr.getQ(null, true);
      }
      return bases;
    }

    /** tr QᵀHQ of each row. */
    private double[] traces(DMatrixRMaj[] bases) {
      double[] traces = new double[bases.length];
      double[] vectors = new double[bases.length * elements];
      for (int column = 0; column < bases[0].numCols; column++) {
        for (int row = 0; row < bases.length; row++) {
          for (int d = 0; d < elements; d++) {
            vectors[row * elements + d] = bases[row].get(d, column);
          }
        }
        double[] forms = forms(vectors);
        for (int row = 0; row < forms.length; row++) {
          traces[row] += forms[row];
        }
      }
      return traces;
    }

    /** g̃ᵀHg̃ of each row. */
    @SuppressWarnings("try") // an open scope is used by the operations inside it
    private double[] rest(DMatrixRMaj[] bases, int probe) {
      double[] g;
      try (Scope scope = Scope.open()) {
        g = signs(probe, 1).toDoubles();
      }
      for (int row = 0; row < bases.length; row++) {
        double[] own = Arrays.copyOfRange(g, row * elements, (row + 1) * elements);
        DMatrixRMaj probes = DMatrixRMaj.wrap(elements, 1, own);
        DMatrixRMaj shares = new DMatrixRMaj(bases[row].numCols, 1);
        CommonOps_DDRM.multTransA(bases[row], probes, shares);
        CommonOps_DDRM.multAdd(-1, bases[row], shares, probes);
        System.arraycopy(own, 0, g, row * elements, elements);
      }
      return forms(g);
    }

    @SuppressWarnings("try") // an open scope is used by the operations inside it
    private double[] forms(double[] vectors) {
      try (Scope scope = Scope.open()) {
        return products.forms(
            Tensor.of(backend, samples.batch(rows.labels().length), vectors));
      }
    }

    private DenseTensor signs(int trial, int which) {
      int[] trials = new int[rows.owners().length];
      Arrays.fill(trials, trial);
      return directions.of(backend, samples, rows.owners(), trials, which);
    }
  }
}
