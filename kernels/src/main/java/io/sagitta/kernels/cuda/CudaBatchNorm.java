package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;
import java.util.List;

/**
 * Launches batch_norm.cu. Statistics and sums take two steps: blocks reduce {@link #part} rows each
 * to float64, then one kernel puts the parts together in their order. Images of a call are all of
 * F32 or all of BF16.
 */
final class CudaBatchNorm {
  /** Threads of a block, fixed in the kernels. */
  private static final int THREADS = 256;

  /** Channel groups of a block: a warp reads 128 or 512 bytes of a row. */
  private static final int MOST_LANES = 32;

  /** Four on each of 132 multiprocessors: as many as run at once, which hide memory's latency. */
  private static final int BLOCKS = 528;

  /** Rows that a thread has at least, which it reads at once. */
  private static final int LEAST_ROWS = 4;

  private static final String FILE = "batch_norm";

  /** Kernels that read images, by their type and the channels of a thread. */
  private static final List<String> FORMS = List.of("f32", "four_f32", "bf16", "four_bf16");

  private final CudaSession session;
  private final KernelFile kernels;
  private final LazyKernel[] statisticsOfParts;
  private final LazyKernel[] apply;
  private final LazyKernel[] sumsOfParts;
  private final LazyKernel[] gradInput;

  CudaBatchNorm(CudaSession session) {
    this.session = session;
    this.kernels = new KernelFile(session, FILE);
    this.statisticsOfParts = forms(session, "batch_norm_statistics_part");
    this.apply = forms(session, "batch_norm_apply");
    this.sumsOfParts = forms(session, "batch_norm_sums_part");
    this.gradInput = forms(session, "batch_norm_grad_input");
  }

  void batchNormStatistics(CudaBuffer x, CudaBuffer statistics, long rows, int channels) {
    if (channels == 0) {
      return;
    }
    int vector = channels % 4 == 0 && isAligned(x) ? 4 : 1;
    int lanes = lanes(channels / vector);
    int groups = groups(channels / vector, lanes);
    long part = part(rows, lanes, BLOCKS / groups);
    int parts = parts(rows, part);
    CudaBuffer partial = session.scratch(DType.F64, 2L * parts * channels);
    if (rows > 0) {
      statisticsOfParts[form(vector, x)]
          .with().arg(rows).arg(channels).arg(lanes).arg(part).arg(x).arg(partial)
          .run(parts, groups, 1, THREADS, 0);
    }
    finishStatistics(rows, channels, part, partial, statistics);
    partial.release();
  }

  /**
   * Puts the statistics of parts together.
   *
   * @param part rows of each part but the last
   * @param partial [parts, 2, channels], means and sums of squared deviations
   */
  void finishStatistics(
      long rows, int channels, long part, CudaBuffer partial, CudaBuffer statistics) {
    kernels.get("batch_norm_statistics_finish_f32")
        .with().arg(rows).arg(channels).arg(parts(rows, part)).arg(part).arg(partial)
        .arg(statistics)
        .run(channels, THREADS);
  }

  void moveStatistics(
      CudaBuffer mean, CudaBuffer variance, double share, double unbiased, CudaBuffer runningMean,
      CudaBuffer runningVariance) {
    int channels = Math.toIntExact(mean.elements());
    if (channels > 0) {
      kernels.get("batch_norm_move_statistics_f32")
          .with().arg(channels).arg(mean).arg(variance).arg((float) share)
          .arg((float) (share * unbiased)).arg((float) (1 - share)).arg(runningMean)
          .arg(runningVariance)
          .run(groups(channels, THREADS), THREADS);
    }
  }

  /** Mean, scale and shift of each channel, [3, channels], in scratch memory. */
  CudaBuffer coefficients(NormRelu norm, int channels) {
    CudaBuffer coefficients = session.scratch(DType.F32, 3L * channels);
    kernels.get("batch_norm_coefficients_f32")
        .with().arg(channels).arg(CudaBuffer.of(norm.statistics()))
        .arg(CudaBuffer.of(norm.gamma())).arg(CudaBuffer.of(norm.beta())).arg(coefficients)
        .arg((float) norm.epsilon())
        .run(groups(channels, THREADS), THREADS);
    return coefficients;
  }

  void batchNormApply(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer beta, CudaBuffer residual,
      boolean relu, double epsilon, CudaBuffer y, long rows, int channels) {
    if (rows == 0 || channels == 0) {
      return;
    }
    boolean even = isAligned(x) && isAligned(y) && isAligned(residual);
    int vector = channels % 4 == 0 && even ? 4 : 1;
    int lanes = lanes(channels / vector);
    int groups = groups(channels / vector, lanes);
    long part = part(rows, lanes, BLOCKS / groups);
    apply[form(vector, x)]
        .with().arg(rows).arg(channels).arg(lanes).arg(part).arg(x).arg(statistics).arg(gamma)
        .arg(beta).arg(residual).arg(y).arg((float) epsilon).arg(relu ? 1 : 0)
        .run(parts(rows, part), groups, 1, THREADS, 0);
  }

  void batchNormSums(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gradY, CudaBuffer y, double epsilon,
      CudaBuffer sums, long rows, int channels) {
    sums(x, statistics, gradY, y, null, null, epsilon, sums, rows, channels);
  }

  void normReluSums(
      CudaBuffer x, NormRelu norm, CudaBuffer gradY, CudaBuffer sums, long rows, int channels) {
    sums(
        x, CudaBuffer.of(norm.statistics()), gradY, null, CudaBuffer.of(norm.gamma()),
        CudaBuffer.of(norm.beta()), norm.epsilon(), sums, rows, channels);
  }

  /** With the rectifier's output, or what it is computed from, or neither. */
  private void sums(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gradY, CudaBuffer y, CudaBuffer gamma,
      CudaBuffer beta, double epsilon, CudaBuffer sums, long rows, int channels) {
    if (channels == 0) {
      return;
    }
    boolean even = isAligned(x) && isAligned(gradY) && isAligned(y);
    int vector = channels % 4 == 0 && even ? 4 : 1;
    int lanes = lanes(channels / vector);
    int groups = groups(channels / vector, lanes);
    long part = part(rows, lanes, BLOCKS / groups);
    int parts = parts(rows, part);
    CudaBuffer partial = session.scratch(DType.F64, 2L * parts * channels);
    if (rows > 0) {
      sumsOfParts[form(vector, x)]
          .with().arg(rows).arg(channels).arg(lanes).arg(part).arg(x).arg(statistics).arg(gradY)
          .arg(y).arg(gamma).arg(beta).arg(partial).arg((float) epsilon)
          .run(parts, groups, 1, THREADS, 0);
    }
    kernels.get("batch_norm_sums_finish_f32")
        .with().arg(channels).arg(parts).arg(partial).arg(statistics).arg(epsilon).arg(sums)
        .run(channels, THREADS);
    partial.release();
  }

  void batchNormGradInput(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer gradY, CudaBuffer y,
      CudaBuffer sums, double epsilon, CudaBuffer gradX, long rows, int channels) {
    gradInput(x, statistics, gamma, gradY, y, null, sums, epsilon, gradX, rows, channels);
  }

  void normReluGradInput(
      CudaBuffer x, NormRelu norm, CudaBuffer gradY, CudaBuffer sums, CudaBuffer gradX, long rows,
      int channels) {
    gradInput(
        x, CudaBuffer.of(norm.statistics()), CudaBuffer.of(norm.gamma()), gradY, null,
        CudaBuffer.of(norm.beta()), sums, norm.epsilon(), gradX, rows, channels);
  }

  /** With the rectifier's output, or beta to compute it again, or neither. */
  private void gradInput(
      CudaBuffer x, CudaBuffer statistics, CudaBuffer gamma, CudaBuffer gradY, CudaBuffer y,
      CudaBuffer beta, CudaBuffer sums, double epsilon, CudaBuffer gradX, long rows,
      int channels) {
    if (rows == 0 || channels == 0) {
      return;
    }
    boolean even = isAligned(x) && isAligned(gradY) && isAligned(gradX) && isAligned(y);
    int vector = channels % 4 == 0 && even ? 4 : 1;
    int lanes = lanes(channels / vector);
    int groups = groups(channels / vector, lanes);
    long part = part(rows, lanes, BLOCKS / groups);
    gradInput[form(vector, x)]
        .with().arg(rows).arg(channels).arg(lanes).arg(part).arg(x).arg(statistics).arg(gamma)
        .arg(gradY).arg(y).arg(beta).arg(sums).arg(gradX).arg((float) epsilon)
        .run(parts(rows, part), groups, 1, THREADS, 0);
  }

  private static LazyKernel[] forms(CudaSession session, String name) {
    return FORMS.stream()
        .map(form -> new LazyKernel(session, FILE, name + "_" + form))
        .toArray(LazyKernel[]::new);
  }

  /**
   * The one of {@link #FORMS} for images of this type.
   *
   * @param vector channels of a thread
   */
  private static int form(int vector, CudaBuffer images) {
    return (images.type() == DType.BF16 ? 2 : 0) + (vector == 4 ? 1 : 0);
  }

  /** Whether four elements at a time can be read from the first on; of none they can. */
  private static boolean isAligned(CudaBuffer buffer) {
    return buffer == null || buffer.address().value() % (4L * buffer.type().bytes()) == 0;
  }

  /** The least power of two that reaches {@code width}, up to a warp. */
  private static int lanes(int width) {
    return width >= MOST_LANES ? MOST_LANES : Math.max(1, Integer.highestOneBit(2 * width - 1));
  }

  private static int groups(int width, int each) {
    return (width + each - 1) / each;
  }

  /** Rows of a block: a multiple of those its threads take at a time, for at most so many blocks. */
  private static long part(long rows, int lanes, int blocks) {
    int step = THREADS / lanes;
    long share = (rows - 1) / Math.max(1, blocks) + 1;
    return Math.max(LEAST_ROWS, (share - 1) / step + 1) * step;
  }

  private static int parts(long rows, long part) {
    return Math.toIntExact((rows + part - 1) / part);
  }
}
