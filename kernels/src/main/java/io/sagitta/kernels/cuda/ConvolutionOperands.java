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

  /** Of packing, fixed in the kernels. */
  private static final int THREADS = 256;

  /** What a block that packs weights has room for: as many channels as threads, of 3x3. */
  private static final int TILE_FLOATS = 9 * THREADS;

  /** Rows and columns of a block that transposes weights. */
  private static final int SIDE = 32;

  private final CudaSession session;
  private final CudaBatchNorm batchNorm;
  private final CudaBf16 bf16;
  private final LazyKernel pack;
  private final LazyKernel packWords;
  private final LazyKernel transpose;
  private final LazyKernel transposeWords;

  ConvolutionOperands(CudaSession session, CudaBatchNorm batchNorm) {
    this.session = session;
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
    int wide = words ? CudaBf16.padded(channels) : channels;
    int tileTaps = Math.min(taps, TILE_FLOATS / 2);
    int tileChannels = Math.min(wide, Math.min(THREADS, TILE_FLOATS / tileTaps / 2 * 2));
    CudaBuffer packed =
        session.scratch(words ? DType.BF16 : DType.F32, (long) g.outChannels() * taps * wide);
    (words ? packWords : pack)
        .with().arg(wide).arg(channels).arg(taps).arg(tileChannels).arg(tileTaps).arg(w)
        .arg(packed)
        .run(
            g.outChannels(), (wide - 1) / tileChannels + 1, (taps - 1) / tileTaps + 1, THREADS, 0);
    return new Operand(packed, true);
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
