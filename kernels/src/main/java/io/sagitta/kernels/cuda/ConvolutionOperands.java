package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;

/**
 * What kernels of convolutions read, made of what they are asked with. Weights are packed before each
 * product, which takes little beside it. Kernels of words read images of BF16 where they lie, those
 * of F32 are rounded before, and normalised in the same pass. Other kernels read F32.
 */
final class ConvolutionOperands {
  /** What a kernel reads: a buffer as it is, or one in scratch memory that was made of it. */
  record Operand(CudaBuffer buffer, boolean isMade) implements AutoCloseable {
    @Override
    public void close() {
      if (isMade) {
        buffer.release();
      }
    }
  }

  /** Of packing, which is bound by bandwidth. */
  private static final int THREADS = 256;

  /** Rows and columns of a block that transposes weights. */
  private static final int SIDE = 32;

  private final CudaSession session;
  private final int multiprocessors;
  private final CudaBatchNorm batchNorm;
  private final CudaBf16 bf16;
  private final LazyKernel pack;
  private final LazyKernel packWords;
  private final LazyKernel transpose;
  private final LazyKernel transposeWords;

  ConvolutionOperands(CudaSession session, int multiprocessors, CudaBatchNorm batchNorm) {
    this.session = session;
    this.multiprocessors = multiprocessors;
    this.batchNorm = batchNorm;
    this.bf16 = new CudaBf16(session);
    this.pack = new LazyKernel(session, "conv2d", "conv2d_pack_f32");
    this.packWords = new LazyKernel(session, "conv2d", "conv2d_pack_bf16");
    this.transpose = new LazyKernel(session, "conv2d_grad_input", "conv2d_grad_input_pack_f32");
    this.transposeWords =
        new LazyKernel(session, "conv2d_grad_input", "conv2d_grad_input_pack_bf16");
  }

  /** What the normalisation does to each channel; of none, nothing. */
  Operand coefficients(NormRelu norm, int channels) {
    return norm == null
        ? new Operand(null, false)
        : new Operand(batchNorm.coefficients(norm, channels), true);
  }

  /**
   * Images as a kernel reads them: bf16 where it reads words, normalised already, with padded channels;
   * else fp32.
   *
   * @param coefficients of a normalisation, or null
   */
  Operand images(boolean words, CudaBuffer x, CudaBuffer coefficients, int channels) {
    if (words && coefficients != null) {
      return new Operand(bf16.normalized(x, coefficients, channels), true);
    }
    if (words && !(channels % CudaBf16.VECTOR == 0 && ProductKernel.isAligned(x))) {
      return new Operand(bf16.padded(x, channels), true);
    }
    DType read = words ? DType.BF16 : DType.F32;
    return x.type() == read ? new Operand(x, false) : new Operand(bf16.as(read, x), true);
  }

  /** Weights as kernels read them, which those of a single tap are already but for words. */
  Operand weights(boolean words, boolean aligned, Conv2dGeometry g, CudaBuffer w) {
    boolean ready = g.kernelHeight() * g.kernelWidth() == 1 && !words;
    return ready && (!aligned || ProductKernel.isAligned(w))
        ? new Operand(w, false)
        : pack(words, g, w);
  }

  /** [outputs, channels, taps] to [outputs, taps, channels], for words with padded channels. */
  Operand pack(boolean words, Conv2dGeometry g, CudaBuffer w) {
    int channels = g.groupInChannels();
    int taps = g.kernelHeight() * g.kernelWidth();
    if (!words) {
      CudaBuffer packed = session.scratch(DType.F32, g.weightElements());
      pack.with().arg(g.weightElements()).arg(channels).arg(taps).arg(w).arg(packed)
          .run(blocks(g.weightElements()), THREADS);
      return new Operand(packed, true);
    }
    int wide = CudaBf16.padded(channels);
    long elements = (long) g.outChannels() * taps * wide;
    CudaBuffer packed = session.scratch(DType.BF16, elements);
    packWords.with().arg(elements / 2).arg(wide).arg(channels).arg(taps).arg(w).arg(packed)
        .run(blocks(elements / 2), THREADS);
    return new Operand(packed, true);
  }

  private long blocks(long elements) {
    return Math.min((elements - 1) / THREADS + 1, 16L * multiprocessors);
  }

  /** [groups, outputs, channels, taps] to [phases][groups, channels, taps of a phase, outputs]. */
  Operand transpose(boolean words, Conv2dGeometry g, CudaBuffer w) {
    CudaBuffer packed = session.scratch(words ? DType.BF16 : DType.F32, g.weightElements());
    int lines = g.groupInChannels() * g.kernelHeight() * g.kernelWidth();
    (words ? transposeWords : transpose)
        .with()
        .arg(g.groups())
        .arg(g.groupOutChannels())
        .arg(g.groupInChannels())
        .arg(g.kernelHeight())
        .arg(g.kernelWidth())
        .arg(g.stride())
        .arg(w)
        .arg(packed)
        .run(
            (lines - 1) / SIDE + 1, (g.groupOutChannels() - 1) / SIDE + 1, g.groups(), THREADS, 0);
    return new Operand(packed, true);
  }
}
