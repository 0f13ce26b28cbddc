package io.sagitta.engine.curvature;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * The input Hessian itself, of piecewise linear networks (convolutions, rectifiers, pooling, batch
 * norm in evaluation).
 *
 * <p>Such logits f have no second derivative almost everywhere, so the Hessian of ℓ = logsumexp(f) −
 * f_y is its Gauss–Newton part. In terms of the C − 1 differences f_k − f_y, k ≠ y, whose gradients
 * are the rows d_k of a matrix J [C − 1, D],
 *
 * <pre>H = Jᵀ A J,   A = diag(q) − qqᵀ,   q_k = p_k for k ≠ y.</pre>
 *
 * <p>J takes C − 1 pullbacks, seeded e_k − e_y, on one base pass. With s = √q and c = 1/(1 + √p_y),
 * A = MMᵀ for M = diag(s)(I − c·ssᵀ), because (I − c·ssᵀ)² = I − ssᵀ where |s|² = 1 − p_y. So the
 * eigenvalues of H that are not zero are those of the small matrix B = MᵀGM with G = JJᵀ: its trace
 * is H's, its Frobenius norm is H's, and an eigenvector w of B with eigenvalue λ gives H's, JᵀMw/√λ.
 * G and all that follows from it are computed in float64.
 *
 * @param batch samples at a time; the host holds batch·(C − 1)·D floats
 */
public record ExactCurvature(int batch) implements CurvatureEstimator {
  /** Checks. */
  public ExactCurvature {
    Directions.checkTrials("exact", 1, batch, 1);
  }

  /**
   * The trace of each sample's Hessian; its standard error is 0.
   *
   * @throws IllegalArgumentException if the network is not piecewise linear
   */
  @Override
  public Estimate estimate(Logits network, Backend backend, Samples samples) {
    return run(network, backend, samples, (sample, hessian) -> {});
  }

  /**
   * All of each sample's Hessian.
   *
   * @throws IllegalArgumentException if the network is not piecewise linear
   */
  public List<InputSpectrum> spectra(Logits network, Backend backend, Samples samples) {
    List<InputSpectrum> spectra = new ArrayList<>();
    estimate(network, backend, samples, spectra);
    return spectra;
  }

  /**
   * Both at the cost of one.
   *
   * @param spectra each sample's is added, in order
   * @throws IllegalArgumentException if the network is not piecewise linear
   */
  public Estimate estimate(
      Logits network, Backend backend, Samples samples, List<InputSpectrum> spectra) {
    InputSpectrum[] found = new InputSpectrum[samples.count()];
    Estimate estimate =
        run(network, backend, samples, (sample, hessian) -> found[sample] = hessian.spectrum());
    spectra.addAll(Arrays.asList(found));
    return estimate;
  }

  private Estimate run(
      Logits network, Backend backend, Samples samples, BiConsumer<Integer, SmallHessian> each) {
    Trials traces =
        new PlannedTrials(network, backend, samples, 0, 1, batch)
            .derivatives(
                (plan, rows) -> {
                  if (!plan.isPiecewiseLinear()) {
                    throw new IllegalArgumentException(
                        "exact: expected a piecewise linear network, got one with a smooth op;"
                            + " hutchinson estimates the trace of any");
                  }
                  SmallHessian[] hessians = hessians(plan, rows);
                  for (int row = 0; row < hessians.length; row++) {
                    each.accept(rows.owners()[row], hessians[row]);
                  }
                  return Arrays.stream(hessians).mapToDouble(SmallHessian::trace).toArray();
                });
    Estimate estimate = Estimate.of(traces.base(), traces.values());
    return new Estimate(
        estimate.classes(), estimate.logits(), estimate.loss(), estimate.curvature(),
        new double[samples.count()], estimate.trials());
  }

  private static SmallHessian[] hessians(Plan plan, PlannedTrials.Rows rows) {
    int classes = rows.classes();
    int count = rows.labels().length;
    float[][] gradients = new float[classes - 1][];
    for (int i = 0; i < classes - 1; i++) {
      gradients[i] = pullback(plan, rows, i);
    }
    int elements = gradients.length == 0 ? 0 : gradients[0].length / count;
    return IntStream.range(0, count)
        .parallel()
        .mapToObj(
            row -> {
              double[] p = new double[classes];
              LossDifferences.softmax(rows.logits(), row, p);
              return new SmallHessian(p, rows.labels()[row], gradients, row * elements, elements);
            })
        .toArray(SmallHessian[]::new);
  }

  /** The gradients of f_k − f_y, k being the i-th class that is not the row's own. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static float[] pullback(Plan plan, PlannedTrials.Rows rows, int i) {
    int classes = rows.classes();
    double[] seeds = new double[rows.labels().length * classes];
    for (int row = 0; row < rows.labels().length; row++) {
      int y = rows.labels()[row];
      seeds[row * classes + y] = -1;
      seeds[row * classes + (i < y ? i : i + 1)] = 1;
    }
    try (Scope scope = Scope.open()) {
      DenseTensor d = plan.vjp(seeds(plan.backend(), seeds, classes)).value();
      float[] gradients = new float[Math.toIntExact(d.shape().elements())];
      plan.backend().download(d.buffer(), 0, gradients, 0, gradients.length);
      return gradients;
    }
  }

  /** Cotangents of logits. */
  static DenseTensor seeds(Backend backend, double[] values, int classes) {
    return Tensor.of(backend, Shape.of(values.length / classes, classes), values);
  }
}
