package io.sagitta.kernels.cuda;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures who computes a product fastest, within {@link CudaSession#measure}, on the operands it
 * was asked for with: every candidate overwrites the same result. Candidates take turns, so that a
 * change of the clock meets all of them, and the median of each counts. A library must win by a
 * margin, so that noise alone seldom decides.
 */
final class ProductTuner {
  private static final System.Logger LOG = System.getLogger(ProductTuner.class.getName());

  private static final int ROUNDS = 7;
  private static final double MARGIN = 0.95;

  private final CudaSession session;

  ProductTuner(CudaSession session) {
    this.session = session;
  }

  /** A choice and the milliseconds of all candidates. */
  record Result(ProductChoice choice, String measured) {}

  /**
   * @param candidates own first
   * @param run computes the product by one of them; a library that does not support it, or for
   *     whose workspace there is no memory, is out
   */
  Result choose(List<ProductChoice> candidates, Consumer<ProductChoice> run) {
    List<ProductChoice> able = new ArrayList<>();
    for (ProductChoice candidate : candidates) {
      if (isAble(candidate, run)) {
        able.add(candidate);
      }
    }
    session.settleOthers();
    double[][] millis = new double[able.size()][ROUNDS];
    try (CudaEvent start = CudaEvent.timing();
        CudaEvent end = CudaEvent.timing()) {
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < able.size(); i++) {
          start.record(session.stream());
          run.accept(able.get(i));
          end.record(session.stream());
          end.await();
          millis[i][round] = end.millisSince(start);
        }
      }
    }
    return decide(able, millis);
  }

  /**
   * Runs a product once, whose kernels are loaded by that.
   *
   * @return whether it is to be had; our own always is, or why not is thrown
   */
  static boolean isAble(ProductChoice candidate, Consumer<ProductChoice> run) {
    try {
      run.accept(candidate);
      return true;
    } catch (CudaException e) {
      if (Cudnn.isUnsupported(e.code())) {
        return false;
      }
      throw e;
    } catch (OutOfMemoryError e) {
      if (candidate.equals(ProductChoice.OWN)) {
        throw e;
      }
      LOG.log(Level.DEBUG, candidate + " is left out: " + e.getMessage());
      return false;
    }
  }

  /** The fastest by medians, own unless another is faster by the margin. */
  static Result decide(List<ProductChoice> candidates, double[][] millis) {
    StringBuilder measured = new StringBuilder();
    int best = 0;
    double bestTime = Double.POSITIVE_INFINITY;
    for (int i = 0; i < candidates.size(); i++) {
      double[] sorted = millis[i].clone();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      boolean own = candidates.get(i).equals(ProductChoice.OWN);
      if ((own ? median * MARGIN : median) < bestTime) {
        best = i;
        bestTime = own ? median * MARGIN : median;
      }
      measured.append(i == 0 ? "" : ", ");
      measured.append(candidates.get(i)).append(String.format(Locale.ROOT, " %.4f ms", median));
    }
    return new Result(candidates.get(best), measured.toString());
  }
}
