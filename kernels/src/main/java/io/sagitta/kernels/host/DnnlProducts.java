package io.sagitta.kernels.host;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.function.Supplier;

/**
 * Products and convolutions by oneDNN. Work is cut into shares for threads ({@link
 * DnnlThreads} says why), by its size alone, so the same inputs give the same bits on any number of
 * them; where OpenMP cannot be limited, on the same number.
 * Precision {@link Precision#FP32} computes in fp32 and nothing less; with {@link Precision#BF16},
 * which needs instructions for it, numbers below the least normal one may count as zero. oneDNN's
 * rectifier gives 0 for a NaN.
 */
final class DnnlProducts implements ProductKernels {
  private final Dnnl library;
  private final HostMemory memory;
  private final DnnlOperations operations = new DnnlOperations();
  private final Bf16Kernels bf16;

  /**
   * @param memory gives scratch memory; closed with this
   */
  DnnlProducts(Dnnl library, HostMemory memory) {
    this.library = library;
    this.memory = memory;
    this.bf16 = new DnnlBf16(library, memory, operations);
  }

  /**
   * oneDNN on this machine.
   *
   * @throws NativesUnavailableException if it does not work here, with the reason
   */
  static DnnlProducts create() throws NativesUnavailableException {
    return new DnnlProducts(Dnnl.load(), new HostMemory());
  }

  @Override
  public String description() {
    return library.description();
  }

  @Override
  public boolean supports(Precision precision) {
    return switch (precision) {
      case FP32 -> true;
      case BF16 -> library.hasBf16();
      case TF32X3, TF32 -> false;
    };
  }

  @Override
  public Bf16Kernels bf16() {
    return bf16;
  }

  private enum Form {
    MATMUL,
    FORWARD,
    GRAD_INPUT,
    GRAD_WEIGHT
  }

  /** Everything that an operation depends on. */
  private record Key(
      Form form, Precision precision, DType images, Record sizes, Record more) {}

  @Override
  public void matmul(
      Precision precision, HostBuffer a, boolean transposeA, HostBuffer b, boolean transposeB,
      HostBuffer c, int batch, int m, int n, int k) {
    check("matmul", precision);
    DnnlMatmul sizes = new DnnlMatmul(transposeA, transposeB, batch, m, n, k);
    run(
        new Key(Form.MATMUL, precision, DType.F32, sizes, null),
        () -> sizes.build(library, precision),
        null, address(a, DType.F32), address(b, DType.F32), target(c, DType.F32));
  }

  @Override
  public void conv2d(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer w, HostBuffer bias,
      HostBuffer residual, boolean relu, HostBuffer y) {
    check("conv2d", precision);
    var epilogue = new DnnlConvolution.Epilogue(bias != null, residual != null, relu);
    DType images = images(precision, x);
    run(
        new Key(Form.FORWARD, precision, images, g, epilogue),
        () -> new DnnlConvolution(library, precision, images).forward(g, epilogue),
        w, address(x, images), address(w, DType.F32), target(y, images), address(bias, DType.F32),
        address(residual, images));
  }

  @Override
  public void conv2dGradInput(
      Precision precision, Conv2dGeometry g, HostBuffer w, HostBuffer gradY, HostBuffer gradX) {
    check("conv2dGradInput", precision);
    DType images = images(precision, gradY);
    run(
        new Key(Form.GRAD_INPUT, precision, images, g, null),
        () -> new DnnlConvolution(library, precision, images).gradInput(g),
        w, address(gradY, images), address(w, DType.F32), target(gradX, images));
  }

  @Override
  public void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer gradY, HostBuffer gradW) {
    check("conv2dGradWeight", precision);
    DType images = images(precision, x);
    run(
        new Key(Form.GRAD_WEIGHT, precision, images, g, null),
        () -> DnnlWeightGradient.build(library, precision, images, g),
        null, address(x, images), address(gradY, images), target(gradW, DType.F32));
  }

  private void run(
      Key key, Supplier<DnnlOperation> builder, HostBuffer weights, long... arguments) {
    operations.use(key, builder, operation -> operation.run(memory, weights, arguments));
  }

  /** What the images of a convolution must be stored as, one of them given. */
  private static DType images(Precision precision, HostBuffer one) {
    return precision == Precision.BF16 && one.type() == DType.BF16 ? DType.BF16 : DType.F32;
  }

  /** Where an input lies; 0 for one that is absent. */
  private static long address(HostBuffer buffer, DType type) {
    if (buffer == null) {
      return 0;
    }
    buffer.check(type);
    return DnnlAddress.of(buffer);
  }

  /** Where an output lies that is about to be written. */
  private static long target(HostBuffer buffer, DType type) {
    buffer.check(type);
    buffer.touch();
    return DnnlAddress.of(buffer);
  }

  private void check(String op, Precision precision) {
    if (!supports(precision)) {
      throw new IllegalArgumentException(
          op + ": this CPU has no instructions for " + precision + "; expected fp32");
    }
  }

  @Override
  public void close() {
    operations.close();
    memory.close();
    library.close();
  }
}
