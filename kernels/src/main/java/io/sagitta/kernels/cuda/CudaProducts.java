package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.RandomSigns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Matrix products and convolutions, each by our own kernel, cuBLAS or cuDNN. The libraries compute
 * in the precision that is asked for or not at all: FP32 and TF32; everything else is our own, so
 * that they never see images of BF16.
 *
 * <p>The system property {@value ProductMakers#PROPERTY} says who may: {@code own}, {@code cublas},
 * {@code cudnn} or both with a comma between take a library wherever it can, {@code auto}, the
 * default, takes what is measured to be the fastest when a shape is first met on a device, and the
 * same from then on ({@link ProductChoices}). Implementations differ in the last bits: results are
 * the same each time on one machine; {@code own} makes them independent of what libraries it has.
 */
final class CudaProducts implements AutoCloseable {
  /** Below this many operations a launch is most of the time, and nothing is measured. */
  private static final double LEAST_WORK = 2e7;

  private final CudaSession session;
  private final ProductMakers makers;
  private final CudaMatmul ownMatmul;
  private final CudaConvolution ownConvolution;
  private final CudaBatchNorm batchNorm;
  private final CudaRandom random;
  private final Map<MatmulShape, ProductChoice> matmuls = new ConcurrentHashMap<>();
  private final Map<ConvolutionShape, ProductChoice> convolutions = new ConcurrentHashMap<>();

  /** What a choice for a matrix product depends on. */
  private record MatmulShape(
      Precision precision, boolean transposeA, boolean transposeB, int batch, int m, int n,
      int k) {
    double work() {
      return 2.0 * batch * m * n * k;
    }
  }

  /** What goes with a convolution: our own kernels do it on the way, cuDNN's in passes of its own. */
  private enum Around {
    NOTHING,
    /** The statistics of the result. */
    STATISTICS,
    /** Normalised images, and the statistics of a result that is an image. */
    NORMALIZATION,
    /** Images of random signs. */
    SIGNS
  }

  /** What a choice for a convolution depends on. */
  private record ConvolutionShape(
      Precision precision, CudnnPlan.Form form, Conv2dGeometry g, Around around) {
    ConvolutionShape(Precision precision, CudnnPlan.Form form, Conv2dGeometry g) {
      this(precision, form, g, Around.NOTHING);
    }

    double work() {
      return 2.0 * g.outputElements() * g.weightElements() / g.outChannels();
    }

    String file() {
      String product =
          switch (form) {
            case FORWARD, FUSED -> "conv2d";
            case GRAD_INPUT -> "conv2d_grad_input";
            case GRAD_WEIGHT -> "conv2d_grad_weight";
          };
      return switch (around) {
        case NOTHING -> product;
        case STATISTICS -> "conv2d_statistics";
        case NORMALIZATION -> "norm_relu_" + product;
        case SIGNS -> "conv2d_of_signs";
      };
    }
  }

  CudaProducts(CudaSession session, CudaRandom random) {
    this(session, random, new ProductMakers(session));
  }

  /**
   * @param makers closed with this
   */
  CudaProducts(CudaSession session, CudaRandom random, ProductMakers makers) {
    this.session = session;
    this.makers = makers;
    this.ownMatmul = new CudaMatmul(session);
    this.ownConvolution = new CudaConvolution(session);
    this.batchNorm = new CudaBatchNorm(session);
    this.random = random;
  }

  // ---------------------------------------------------------------- matrix products

  /** See {@link io.sagitta.kernels.Backend#matmul}. */
  void matmul(
      Precision precision, CudaBuffer a, boolean transposeA, CudaBuffer b, boolean transposeB,
      CudaBuffer c, int batch, int m, int n, int k) {
    boolean own =
        batch == 0 || m == 0 || n == 0 || k == 0 || !makers.mayUse(makers.cublas(), precision);
    if (own) {
      ownMatmul.matmul(precision, a, transposeA, b, transposeB, c, batch, m, n, k);
      return;
    }
    MatmulShape shape = new MatmulShape(precision, transposeA, transposeB, batch, m, n, k);
    ProductChoice choice = matmuls.get(shape);
    if (choice == null && cannotMeasure()) {
      choice = ProductChoice.OWN;
    } else if (choice == null) {
      choice =
          choose(
              "matmul", shape, shape.work(), List.of(ProductChoice.CUBLAS),
              by -> matmul(by, shape, a, b, c));
      matmuls.put(shape, choice);
    }
    matmul(choice, shape, a, b, c);
  }

  private void matmul(
      ProductChoice by, MatmulShape s, CudaBuffer a, CudaBuffer b, CudaBuffer c) {
    if (by.maker() == ProductChoice.Maker.CUBLAS) {
      makers.cublas().matmul(
          ProductMakers.isTf32(s.precision), a, s.transposeA, b, s.transposeB, c, s.batch, s.m,
          s.n, s.k);
    } else {
      ownMatmul.matmul(
          s.precision, a, s.transposeA, b, s.transposeB, c, s.batch, s.m, s.n, s.k);
    }
  }

  // ---------------------------------------------------------------- convolutions

  /** See {@link io.sagitta.kernels.Backend#conv2d}. */
  void conv2d(Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer y) {
    if (isOwn(precision, g)) {
      ownConvolution.conv2d(precision, g, x, w, y);
      return;
    }
    ConvolutionShape shape = new ConvolutionShape(precision, CudnnPlan.Form.FORWARD, g);
    ProductChoice choice = convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolve(by, shape, x, w, y));
    }
    convolve(choice, shape, x, w, y);
  }

  /** See {@link io.sagitta.kernels.Backend#conv2dGradInput}. */
  void conv2dGradInput(
      Precision precision, Conv2dGeometry g, CudaBuffer w, CudaBuffer gradY, CudaBuffer gradX) {
    if (isOwn(precision, g)) {
      ownConvolution.conv2dGradInput(precision, g, w, gradY, gradX);
      return;
    }
    ConvolutionShape shape = new ConvolutionShape(precision, CudnnPlan.Form.GRAD_INPUT, g);
    ProductChoice choice = convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolve(by, shape, gradX, w, gradY));
    }
    convolve(choice, shape, gradX, w, gradY);
  }

  /** See {@link io.sagitta.kernels.Backend#conv2dGradWeight}. */
  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY, CudaBuffer gradW) {
    if (isOwn(precision, g)) {
      ownConvolution.conv2dGradWeight(precision, g, x, gradY, gradW);
      return;
    }
    ConvolutionShape shape = new ConvolutionShape(precision, CudnnPlan.Form.GRAD_WEIGHT, g);
    ProductChoice choice = convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolve(by, shape, x, gradW, gradY));
    }
    convolve(choice, shape, x, gradW, gradY);
  }

  /** See {@link io.sagitta.kernels.Backend#conv2dBiasAct}. */
  void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer bias,
      CudaBuffer residual, boolean relu, CudaBuffer y) {
    if (isOwn(precision, g)) {
      ownConvolution.conv2dBiasAct(precision, g, x, w, bias, residual, relu, y);
      return;
    }
    ConvolutionShape shape = new ConvolutionShape(precision, CudnnPlan.Form.FUSED, g);
    ProductChoice choice = convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolveFused(by, shape, x, w, bias, residual, relu, y));
    }
    convolveFused(choice, shape, x, w, bias, residual, relu, y);
  }

  /**
   * See {@link io.sagitta.kernels.Backend#conv2dStatistics}.
   *
   * @param norm done to x, or null
   */
  void conv2dStatistics(
      Precision precision, Conv2dGeometry g, CudaBuffer x, NormRelu norm, CudaBuffer w,
      CudaBuffer y, CudaBuffer statistics) {
    Around around = norm == null ? Around.STATISTICS : Around.NORMALIZATION;
    ConvolutionShape shape = new ConvolutionShape(precision, CudnnPlan.Form.FORWARD, g, around);
    ProductChoice choice = isOwn(precision, g) ? ProductChoice.OWN : convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolveStatistics(by, shape, x, norm, w, y, statistics));
    }
    convolveStatistics(choice, shape, x, norm, w, y, statistics);
  }

  private void convolveStatistics(
      ProductChoice by, ConvolutionShape s, CudaBuffer x, NormRelu norm, CudaBuffer w,
      CudaBuffer y, CudaBuffer statistics) {
    boolean fused = by.equals(ProductChoice.OWN) && s.g.batch() > 0;
    if (norm != null && !(fused && CudaConvolution.readsNormalized(s.precision, s.g, x))) {
      CudaBuffer activation = normalized(s.g, x, norm);
      try {
        convolveStatistics(by, s, activation, null, w, y, statistics);
      } finally {
        activation.release();
      }
    } else if (fused) {
      ownConvolution.conv2dStatistics(s.precision, s.g, x, norm, w, y, statistics);
    } else {
      convolve(by, s, x, w, y);
      long rows = s.g.outputElements() / s.g.outChannels();
      batchNorm.batchNormStatistics(y, statistics, rows, s.g.outChannels());
    }
  }

  /** See {@link io.sagitta.kernels.Backend#conv2dOfSigns}. */
  void conv2dOfSigns(
      Precision precision, Conv2dGeometry g, RandomSigns signs, CudaBuffer w, CudaBuffer y) {
    ConvolutionShape shape =
        new ConvolutionShape(precision, CudnnPlan.Form.FORWARD, g, Around.SIGNS);
    ProductChoice choice = isOwn(precision, g) ? ProductChoice.OWN : convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> convolveSigns(by, shape, signs, w, y));
    }
    convolveSigns(choice, shape, signs, w, y);
  }

  private void convolveSigns(
      ProductChoice by, ConvolutionShape s, RandomSigns signs, CudaBuffer w, CudaBuffer y) {
    if (by.equals(ProductChoice.OWN) && ownConvolution.makesSigns(s.g)) {
      ownConvolution.conv2dOfSigns(s.precision, s.g, signs, w, y);
      return;
    }
    CudaBuffer images = session.scratch(DType.F32, s.g.inputElements());
    try {
      random.rademacher(signs, images);
      convolve(by, s, images, w, y);
    } finally {
      images.release();
    }
  }

  /** See {@link io.sagitta.kernels.Backend#normReluConv2dGradWeight}. */
  void normReluConv2dGradWeight(
      Precision precision, Conv2dGeometry g, CudaBuffer x, NormRelu norm, CudaBuffer gradY,
      CudaBuffer gradW) {
    ConvolutionShape shape =
        new ConvolutionShape(precision, CudnnPlan.Form.GRAD_WEIGHT, g, Around.NORMALIZATION);
    ProductChoice choice = isOwn(precision, g) ? ProductChoice.OWN : convolutions.get(shape);
    if (choice == null) {
      choice = choose(shape, by -> gradWeightOfNormalized(by, shape, x, norm, gradY, gradW));
    }
    gradWeightOfNormalized(choice, shape, x, norm, gradY, gradW);
  }

  private void gradWeightOfNormalized(
      ProductChoice by, ConvolutionShape s, CudaBuffer x, NormRelu norm, CudaBuffer gradY,
      CudaBuffer gradW) {
    if (by.equals(ProductChoice.OWN) && CudaConvolution.readsNormalized(s.precision, s.g, x, gradY)) {
      ownConvolution.conv2dGradWeight(s.precision, s.g, x, norm, gradY, gradW);
      return;
    }
    CudaBuffer activation = normalized(s.g, x, norm);
    try {
      convolve(by, s, activation, gradW, gradY);
    } finally {
      activation.release();
    }
  }

  /** The normalised and rectified images, in scratch memory. */
  private CudaBuffer normalized(Conv2dGeometry g, CudaBuffer x, NormRelu norm) {
    CudaBuffer y = session.scratch(x.type(), g.inputElements());
    batchNorm.batchNormApply(
        x, CudaBuffer.of(norm.statistics()), CudaBuffer.of(norm.gamma()),
        CudaBuffer.of(norm.beta()), null, true, norm.epsilon(), y,
        g.inputElements() / g.inChannels(), g.inChannels());
    return y;
  }

  private boolean isOwn(Precision precision, Conv2dGeometry g) {
    return g.batch() == 0 || !makers.mayUse(makers.cudnn(), precision);
  }

  /** Computes what the form says from the others of x, w and y. */
  private void convolve(
      ProductChoice by, ConvolutionShape s, CudaBuffer x, CudaBuffer w, CudaBuffer y) {
    if (by.maker() == ProductChoice.Maker.CUDNN) {
      makers.cudnn().run(
          s.form, ProductMakers.isTf32(s.precision), s.g, by.algorithm(), x, w, y);
      return;
    }
    switch (s.form) {
      case FORWARD -> ownConvolution.conv2d(s.precision, s.g, x, w, y);
      case GRAD_INPUT -> ownConvolution.conv2dGradInput(s.precision, s.g, w, y, x);
      case GRAD_WEIGHT -> ownConvolution.conv2dGradWeight(s.precision, s.g, x, y, w);
      default -> throw new AssertionError(s.form);
    }
  }

  private void convolveFused(
      ProductChoice by, ConvolutionShape s, CudaBuffer x, CudaBuffer w, CudaBuffer bias,
      CudaBuffer residual, boolean relu, CudaBuffer y) {
    if (by.maker() == ProductChoice.Maker.CUDNN) {
      makers.cudnn().runFused(
          ProductMakers.isTf32(s.precision), s.g, by.algorithm(), x, w, bias, residual, relu, y);
    } else {
      ownConvolution.conv2dBiasAct(s.precision, s.g, x, w, bias, residual, relu, y);
    }
  }

  // ---------------------------------------------------------------- choice

  /**
   * Whether there is nothing to choose by: what is recorded for a graph does not run. The choice stays
   * open until the product is met outside of one.
   */
  private boolean cannotMeasure() {
    return session.isCapturing() && !makers.isForced();
  }

  private ProductChoice choose(ConvolutionShape shape, Consumer<ProductChoice> run) {
    if (cannotMeasure()) {
      return ProductChoice.OWN;
    }
    List<ProductChoice> candidates = new ArrayList<>();
    if (makers.isForced() || shape.work() >= LEAST_WORK) {
      boolean tf32 = ProductMakers.isTf32(shape.precision);
      for (int algorithm : makers.cudnn().algorithms(shape.form, tf32, shape.g)) {
        candidates.add(ProductChoice.cudnn(algorithm));
      }
    }
    ProductChoice choice = choose(shape.file(), shape, shape.work(), candidates, run);
    convolutions.put(shape, choice);
    return choice;
  }

  /**
   * Chooses for a shape that is met for the first time here.
   *
   * @param file of our own kernel
   * @param libraries candidates beside our own, most promising first
   */
  private ProductChoice choose(
      String file, Record shape, double work, List<ProductChoice> libraries,
      Consumer<ProductChoice> run) {
    if (makers.isForced()) {
      for (ProductChoice library : libraries) {
        if (ProductTuner.isAble(library, run)) {
          return library;
        }
      }
      return ProductChoice.OWN;
    }
    boolean unmeasured = work < LEAST_WORK || libraries.isEmpty();
    return unmeasured ? ProductChoice.OWN : makers.measured(file, shape, libraries, run);
  }

  @Override
  public void close() {
    makers.close();
  }
}
