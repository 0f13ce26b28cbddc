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
 * <p>Classes of negligible probability, S, can be taken as one, whose gradient is their mean d̄ by
 * their probabilities and whose probability m is their sum: one pullback instead of |S|. H splits
 * into that of the grouped classes and the spread within S, so what is missing is positive and
 * bounded,
 *
 * <pre>0 ≼ H − H′ = Σ_S p_k (d_k − d̄)(d_k − d̄)ᵀ,   0 ≤ tr H − tr H′ ≤ m·max_S |d_k − d̄|²;</pre>
 *
 * no eigenvalue is too great, and the trace misses no more than m times the greatest squared spread
 * of S. One more pullback, of Σ_S r_k √p_k (d_k − d̄) with random signs r, has the missing trace as
 * the mean of its squared length, which is given as the trace's error.
 *
 * @param batch samples at a time; the host holds batch·(C − 1)·D floats
 * @param negligible the probability up to which classes, together, are taken as one; 0 for none
 */
public record ExactCurvature(int batch, double negligible) implements CurvatureEstimator {
  /** Checks. */
  public ExactCurvature {
    Directions.checkTrials("exact", 1, batch, 1);
    if (!(negligible >= 0 && negligible < 1)) {
      throw new IllegalArgumentException(
          "exact: expected a negligible probability in [0, 1), got " + negligible);
    }
  }

  /** Every class by itself. */
  public ExactCurvature(int batch) {
    this(batch, 0);
  }

  /**
   * The trace of each sample's Hessian; its standard error is 0, or with negligible classes an
   * estimate of what they miss.
   *
   * @throws IllegalArgumentException if the network is not piecewise linear
   */
  @Override
  public Estimate estimate(Logits network, Backend backend, Samples samples) {
    return run(network, backend, samples, (sample, hessian, rank) -> {});
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
        run(
            network, backend, samples,
            (sample, hessian, rank) -> found[sample] = hessian.spectrum(rank));
    spectra.addAll(Arrays.asList(found));
    return estimate;
  }

  /** Takes a sample's Hessian, whose rank is at most so much. */
  private interface Receiver {
    void accept(int sample, SmallHessian hessian, int rank);
  }

  private Estimate run(
      Logits network, Backend backend, Samples samples, Receiver each) {
    double[] missing = new double[samples.count()];
    Trials traces =
        new PlannedTrials(network, backend, samples, 0, 1, batch)
            .derivatives(
                (plan, rows) -> {
                  if (!plan.isPiecewiseLinear()) {
                    throw new IllegalArgumentException(
                        "exact: expected a piecewise linear network, got one with a smooth op;"
                            + " hutchinson estimates the trace of any");
                  }
                  SmallHessian[] hessians = hessians(plan, samples, rows, missing);
                  for (int row = 0; row < hessians.length; row++) {
                    each.accept(rows.owners()[row], hessians[row], rows.classes() - 1);
                  }
                  return Arrays.stream(hessians).mapToDouble(SmallHessian::trace).toArray();
                });
    Estimate estimate = Estimate.of(traces.base(), traces.values());
    return new Estimate(
        estimate.classes(), estimate.logits(), estimate.loss(), estimate.curvature(),
        missing, estimate.trials());
  }

  private SmallHessian[] hessians(
      Plan plan, Samples samples, PlannedTrials.Rows rows, double[] missing) {
    int count = rows.labels().length;
    double[][] p = new double[count][rows.classes()];
    for (int row = 0; row < count; row++) {
      LossDifferences.softmax(rows.logits(), row, p[row]);
    }
    ClassCut cut = new ClassCut(p, rows.labels(), negligible);
    List<float[]> gradients = new ArrayList<>();
    for (int i = 0; i < cut.kept(); i++) {
      gradients.add(pullback(plan, cut.single(i), rows.classes()));
    }
    if (cut.hasTail()) {
      gradients.add(pullback(plan, cut.tail(), rows.classes()));
      float[] spread =
          pullback(plan, cut.spread(signs(samples, rows)), rows.classes());
      int elements = samples.elements();
      for (int row = 0; row < count; row++) {
        missing[rows.owners()[row]] = squares(spread, row * elements, elements);
      }
    }
    float[][] all = gradients.toArray(new float[0][]);
    int elements = samples.elements();
    return IntStream.range(0, count)
        .parallel()
        .mapToObj(
            row ->
                new SmallHessian(
                    cut.weights(row), p[row][rows.labels()[row]], all, row * elements, elements))
        .toArray(SmallHessian[]::new);
  }

  private static byte[][] signs(Samples samples, PlannedTrials.Rows rows) {
    Directions directions = new Directions(Directions.NEGLIGIBLE, 0);
    byte[][] signs = new byte[rows.owners().length][rows.classes()];
    for (int row = 0; row < signs.length; row++) {
      directions.fill(samples.ids()[rows.owners()[row]], 0, 0, signs[row]);
    }
    return signs;
  }

  private static double squares(float[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += (double) values[i] * values[i];
    }
    return sum;
  }

  /** The gradients of each sample's logits along a cotangent. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static float[] pullback(Plan plan, double[] seeds, int classes) {
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
