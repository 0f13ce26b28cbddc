package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;

/**
 * Launches bf16.cu: operands of convolutions rounded to bf16 before they are read, two elements to a
 * word. That is one pass over memory, and halves what each of a convolution's many reads moves.
 */
final class CudaBf16 {
  /** Elements that a thread rounds at once; what is rounded has a multiple of them. */
  static final int VECTOR = 8;

  private final CudaSession session;
  private final LazyKernel round;
  private final LazyKernel normRelu;

  CudaBf16(CudaSession session) {
    this.session = session;
    this.round = new LazyKernel(session, "bf16", "bf16_round_f32");
    this.normRelu = new LazyKernel(session, "bf16", "bf16_norm_relu_f32");
  }

  /** The words of x, in scratch memory. */
  CudaBuffer round(CudaBuffer x, long elements) {
    CudaBuffer words = words(elements);
    long work = elements / VECTOR;
    round.with().arg(work).arg(x).arg(words).run(Grid.blocks(work, Grid.THREADS), Grid.THREADS);
    return words;
  }

  /**
   * The words of the normalised and rectified x, in scratch memory.
   *
   * @param coefficients as {@link CudaBatchNorm#coefficients} makes them
   */
  CudaBuffer normalized(CudaBuffer x, CudaBuffer coefficients, long elements, int channels) {
    CudaBuffer words = words(elements);
    long work = elements / VECTOR;
    normRelu
        .with().arg(work).arg(channels).arg(x).arg(coefficients).arg(words)
        .run(Grid.blocks(work, Grid.THREADS), Grid.THREADS);
    return words;
  }

  private CudaBuffer words(long elements) {
    return session.scratch(DType.F32, elements / 2);
  }
}
