package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;

/**
 * Launches bf16.cu: images from F32 to BF16 and back. F32 operands of convolutions in bf16 are
 * rounded before they are read: that is one pass over memory, and halves what each of a
 * convolution's many reads moves.
 */
final class CudaBf16 {
  /** Elements that a thread converts at once; what is normalised has a multiple of them. */
  static final int VECTOR = 8;

  private static final int EACH = VECTOR * Grid.THREADS;

  private final CudaSession session;
  private final LazyKernel round;
  private final LazyKernel widen;
  private final LazyKernel pad;
  private final LazyKernel padBf16;
  private final LazyKernel normRelu;
  private final LazyKernel normReluBf16;

  CudaBf16(CudaSession session) {
    this.session = session;
    this.round = new LazyKernel(session, "bf16", "bf16_round_f32");
    this.widen = new LazyKernel(session, "bf16", "bf16_widen_bf16");
    this.pad = new LazyKernel(session, "bf16", "bf16_pad_f32");
    this.padBf16 = new LazyKernel(session, "bf16", "bf16_pad_bf16");
    this.normRelu = new LazyKernel(session, "bf16", "bf16_norm_relu_f32");
    this.normReluBf16 = new LazyKernel(session, "bf16", "bf16_norm_relu_bf16");
  }

  /**
   * y = x.
   *
   * @throws IllegalArgumentException unless one is of BF16 and the other of F32
   */
  void cast(CudaBuffer x, CudaBuffer y) {
    boolean rounds = x.type() == DType.F32 && y.type() == DType.BF16;
    if (!rounds && !(x.type() == DType.BF16 && y.type() == DType.F32)) {
      throw new IllegalArgumentException(
          "cuda: cast: expected F32 to BF16 or back, got " + x.type() + " to " + y.type());
    }
    long n = y.elements();
    if (n > 0) {
      (rounds ? round : widen).with().arg(n).arg(x).arg(y).run(Grid.blocks(n, EACH), Grid.THREADS);
    }
  }

  /** The same elements of another type, in scratch memory. */
  CudaBuffer as(DType type, CudaBuffer x) {
    CudaBuffer y = session.scratch(type, x.elements());
    cast(x, y);
    return y;
  }

  /** Channels with as many of zeros behind them as make eights. */
  static int padded(int channels) {
    return Math.multiplyExact((channels - 1) / VECTOR + 1, VECTOR);
  }

  /** Of either type, rounded, with {@link #padded} channels, in scratch memory. */
  CudaBuffer padded(CudaBuffer x, int channels) {
    int wide = padded(channels);
    long eights = x.elements() / channels * (wide / VECTOR);
    CudaBuffer y = session.scratch(DType.BF16, eights * VECTOR);
    (x.type() == DType.BF16 ? padBf16 : pad)
        .with().arg(eights).arg(channels).arg(wide).arg(x).arg(y)
        .run(Grid.blocks(eights, Grid.THREADS), Grid.THREADS);
    return y;
  }

  /**
   * The normalised and rectified x of either type, rounded, in scratch memory.
   *
   * @param coefficients as {@link CudaBatchNorm#coefficients} makes them
   */
  CudaBuffer normalized(CudaBuffer x, CudaBuffer coefficients, int channels) {
    CudaBuffer y = session.scratch(DType.BF16, x.elements());
    long eights = x.elements() / VECTOR;
    (x.type() == DType.BF16 ? normReluBf16 : normRelu)
        .with().arg(eights).arg(channels).arg(x).arg(coefficients).arg(y)
        .run(Grid.blocks(eights, Grid.THREADS), Grid.THREADS);
    return y;
  }
}
