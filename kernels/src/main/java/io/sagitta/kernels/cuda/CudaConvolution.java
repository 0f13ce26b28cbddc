package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.RandomSigns;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Launches conv2d.cu, conv2d_grad_input.cu, conv2d_grad_weight.cu and their variants with
 * normalisation. Weights are packed before each product, which takes little beside it.
 */
final class CudaConvolution {
  private static final String FORWARD = "conv2d";
  private static final String OF_SIGNS = "conv2d_of_signs";
  private static final String GRAD_INPUT = "conv2d_grad_input";
  private static final String GRAD_WEIGHT = "conv2d_grad_weight";
  private static final String STATISTICS = "conv2d_statistics";
  private static final String NORM_RELU = "norm_relu_conv2d";
  private static final String NORM_RELU_GRAD_WEIGHT = "norm_relu_conv2d_grad_weight";

  /** Of packing and of sums over parts, which are bound by bandwidth. */
  private static final int COPY_THREADS = 256;

  /** Rows and columns of a block that packs transposed weights. */
  private static final int PACK_SIDE = 32;

  private final CudaSession session;
  private final int multiprocessors;
  private final Map<Conv2dGeometry, ImageSizes> forward = new ConcurrentHashMap<>();
  private final Map<Conv2dGeometry, SignWindow> signWindows = new ConcurrentHashMap<>();
  private final Map<Conv2dGeometry, ImageSizes[]> gradInput = new ConcurrentHashMap<>();
  private final CudaBatchNorm batchNorm;
  private final Map<String, AtomicReferenceArray<ProductKernel>> products =
      Map.of(
          FORWARD, kernels(), OF_SIGNS, kernels(), GRAD_WEIGHT, kernels(), STATISTICS, kernels(),
          NORM_RELU, kernels(), NORM_RELU_GRAD_WEIGHT, kernels());
  private volatile Kernel pack;
  private volatile Kernel transpose;
  private volatile Kernel sum;

  CudaConvolution(CudaSession session) {
    this(session, session.device().multiprocessors());
  }

  /** Chooses tiles for a device with this many multiprocessors. */
  CudaConvolution(CudaSession session, int multiprocessors) {
    this.session = session;
    this.multiprocessors = multiprocessors;
    this.batchNorm = new CudaBatchNorm(session);
  }

  void conv2d(Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer y) {
    conv2dBiasAct(precision, g, x, w, null, null, false, y);
  }

  void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer w, CudaBuffer bias,
      CudaBuffer residual, boolean relu, CudaBuffer y) {
    if (g.batch() == 0) {
      return;
    }
    ImageSizes sizes = forward.computeIfAbsent(g, ImageSizes::forward);
    boolean aligned = g.groupInChannels() % 4 == 0 && ProductKernel.isAligned(x);
    ProductKernel kernel = correlation(FORWARD, precision, aligned, sizes, g.groups());
    if (g.kernelHeight() * g.kernelWidth() == 1 && (!aligned || ProductKernel.isAligned(w))) {
      correlate(kernel, g, sizes, x, w.address().value(), bias, residual, relu, y);
      return;
    }
    CudaBuffer packed = session.scratch(DType.F32, g.weightElements());
    try {
      pack(g, w, packed);
      correlate(kernel, g, sizes, x, packed.address().value(), bias, residual, relu, y);
    } finally {
      packed.release();
    }
  }

  /** Whether signs can be made where they are read. */
  boolean makesSigns(Conv2dGeometry g) {
    return g.batch() == 0 || signWindows.computeIfAbsent(g, SignWindow::of).fits();
  }

  /** y = x ⋆ w of random signs x; {@link #makesSigns} must hold. */
  void conv2dOfSigns(
      Precision precision, Conv2dGeometry g, RandomSigns signs, CudaBuffer w, CudaBuffer y) {
    if (g.batch() == 0) {
      return;
    }
    ImageSizes sizes = forward.computeIfAbsent(g, ImageSizes::forward);
    SignWindow window = signWindows.computeIfAbsent(g, SignWindow::of);
    ProductKernel kernel = kernel(OF_SIGNS, ProductTile.SCALAR, precision);
    CudaBuffer packed = session.scratch(DType.F32, g.weightElements());
    try {
      pack(g, w, packed);
      kernel
          .kernel()
          .with()
          .struct(sizes.struct())
          .arg(CudaBuffer.of(signs.keys()))
          .arg(CudaBuffer.of(signs.weights()))
          .arg(window.imageBlocks())
          .arg(packed)
          .arg(ProductKernel.paired(y, sizes.outputs()))
          .arg(y)
          .run(
              kernel.tile().blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1,
              kernel.threads(), kernel.sharedBytes() + window.sharedBytes());
    } finally {
      packed.release();
    }
  }

  /** Whether images can be normalised on their way in. */
  static boolean readsNormalized(Conv2dGeometry g, CudaBuffer x) {
    return g.groupInChannels() % 4 == 0 && ProductKernel.isAligned(x);
  }

  /**
   * y and the statistics of its channels.
   *
   * @param norm done to x, or null; with it, {@link #readsNormalized} must hold
   */
  void conv2dStatistics(
      Precision precision, Conv2dGeometry g, CudaBuffer x, NormRelu norm, CudaBuffer w,
      CudaBuffer y, CudaBuffer statistics) {
    ImageSizes sizes = forward.computeIfAbsent(g, ImageSizes::forward);
    ProductKernel kernel =
        correlation(
            norm == null ? STATISTICS : NORM_RELU, precision, readsNormalized(g, x), sizes,
            g.groups());
    // A thread sums up one column of its part of the block, see conv2d_statistics.cuh.
    ProductTile tile = kernel.tile();
    long part = (long) tile.rows() * tile.columns() / kernel.threads();
    long parts = (sizes.pixels() - 1) / part + 1;
    CudaBuffer partial = session.scratch(DType.F64, 2 * parts * g.outChannels());
    CudaBuffer packed = session.scratch(DType.F32, g.weightElements());
    CudaBuffer coefficients = norm == null ? null : batchNorm.coefficients(norm, g.inChannels());
    try {
      pack(g, w, packed);
      Launch launch = kernel.kernel().with().struct(sizes.struct()).arg(x);
      if (coefficients != null) {
        launch.arg(coefficients);
      }
      launch
          .arg(packed)
          .arg(ProductKernel.paired(y, sizes.outputs()))
          .arg(y)
          .arg(partial)
          .run(
              tile.blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1, kernel.threads(),
              kernel.sharedBytes());
      batchNorm.finishStatistics(sizes.pixels(), g.outChannels(), part, partial, statistics);
    } finally {
      partial.release();
      packed.release();
      if (coefficients != null) {
        coefficients.release();
      }
    }
  }

  void conv2dGradInput(
      Precision precision, Conv2dGeometry g, CudaBuffer w, CudaBuffer gradY, CudaBuffer gradX) {
    if (g.batch() == 0) {
      return;
    }
    ImageSizes[] phases = gradInput.computeIfAbsent(g, ImageSizes::gradInput);
    boolean aligned = g.groupOutChannels() % 4 == 0 && ProductKernel.isAligned(gradY);
    CudaBuffer packed = session.scratch(DType.F32, g.weightElements());
    try {
      transpose(g, w, packed);
      for (ImageSizes phase : phases) {
        ProductKernel kernel = correlation(FORWARD, precision, aligned, phase, g.groups());
        long weights = packed.address().value() + phase.weightsBefore() * Float.BYTES;
        correlate(kernel, g, phase, gradY, weights, null, null, false, gradX);
      }
    } finally {
      packed.release();
    }
  }

  /** Whether images can be normalised on their way into the weights' gradient. */
  static boolean readsNormalized(Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY) {
    return g.batch() > 0 && isAligned(g, x, gradY);
  }

  private static boolean isAligned(Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY) {
    return g.groupInChannels() % 4 == 0 && g.groupOutChannels() % 4 == 0
        && ProductKernel.isAligned(x) && ProductKernel.isAligned(gradY);
  }

  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY, CudaBuffer gradW) {
    conv2dGradWeight(precision, g, x, null, gradY, gradW);
  }

  /**
   * The weights' gradient.
   *
   * @param norm done to x, or null; with it, {@link #readsNormalized} must hold
   */
  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, CudaBuffer x, NormRelu norm, CudaBuffer gradY,
      CudaBuffer gradW) {
    if (g.batch() == 0) {
      sum(g, 0, null, gradW);
      return;
    }
    ImageSizes sizes = forward.computeIfAbsent(g, ImageSizes::forward);
    boolean aligned = isAligned(g, x, gradY);
    ProductTile tile =
        aligned ? ProductTile.ofParts(sizes.depth(), sizes.outputs()) : ProductTile.SCALAR;
    ProductKernel kernel =
        kernel(norm == null ? GRAD_WEIGHT : NORM_RELU_GRAD_WEIGHT, tile, precision);
    long blocks = tile.blocks(1, sizes.depth(), sizes.outputs());
    int parts =
        ProductKernel.parts(
            blocks * g.groups(), multiprocessors, sizes.pixels(), g.weightElements());
    CudaBuffer scratch = session.scratch(DType.F32, parts * g.weightElements());
    CudaBuffer coefficients = norm == null ? null : batchNorm.coefficients(norm, g.inChannels());
    try {
      Launch launch = kernel.kernel().with().struct(sizes.struct()).arg(x);
      if (coefficients != null) {
        launch.arg(coefficients);
      }
      launch
          .arg(gradY)
          .arg(scratch)
          .run(blocks, g.groups(), parts, kernel.threads(), kernel.sharedBytes());
      sum(g, parts, scratch, gradW);
    } finally {
      scratch.release();
      if (coefficients != null) {
        coefficients.release();
      }
    }
  }

  private void correlate(
      ProductKernel kernel, Conv2dGeometry g, ImageSizes sizes, CudaBuffer x, long weights,
      CudaBuffer bias, CudaBuffer residual, boolean relu, CudaBuffer y) {
    kernel
        .kernel()
        .with()
        .struct(sizes.struct())
        .arg(x)
        .arg(weights)
        .arg(bias)
        .arg(residual)
        .arg(relu ? 1 : 0)
        .arg(ProductKernel.paired(y, sizes.outputs()))
        .arg(y)
        .run(
            kernel.tile().blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1,
            kernel.threads(), kernel.sharedBytes());
  }

  /** [outputs, channels, taps] to [outputs, taps, channels]. */
  private void pack(Conv2dGeometry g, CudaBuffer w, CudaBuffer packed) {
    Kernel kernel = pack;
    if (kernel == null) {
      kernel = session.kernel(FORWARD, "conv2d_pack_f32");
      pack = kernel;
    }
    kernel
        .with()
        .arg(g.weightElements())
        .arg(g.groupInChannels())
        .arg(g.kernelHeight() * g.kernelWidth())
        .arg(w)
        .arg(packed)
        .run(copyBlocks(g), COPY_THREADS);
  }

  /** [groups, outputs, channels, taps] to [phases][groups, channels, taps of a phase, outputs]. */
  private void transpose(Conv2dGeometry g, CudaBuffer w, CudaBuffer packed) {
    Kernel kernel = transpose;
    if (kernel == null) {
      kernel = session.kernel(GRAD_INPUT, "conv2d_grad_input_pack_f32");
      transpose = kernel;
    }
    int lines = g.groupInChannels() * g.kernelHeight() * g.kernelWidth();
    kernel
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
            (lines - 1) / PACK_SIDE + 1, (g.groupOutChannels() - 1) / PACK_SIDE + 1, g.groups(),
            COPY_THREADS, 0);
  }

  private void sum(Conv2dGeometry g, int parts, CudaBuffer scratch, CudaBuffer gradW) {
    Kernel kernel = sum;
    if (kernel == null) {
      kernel = session.kernel(GRAD_WEIGHT, "conv2d_grad_weight_sum_f32");
      sum = kernel;
    }
    kernel
        .with()
        .arg(g.weightElements())
        .arg(parts)
        .arg(g.kernelHeight() * g.kernelWidth())
        .arg(g.groupInChannels())
        .arg(g.groupOutChannels())
        .arg(scratch)
        .arg(gradW)
        .run(copyBlocks(g), COPY_THREADS);
  }

  /** Blocks that go over the weights once. */
  private long copyBlocks(Conv2dGeometry g) {
    return Math.min((g.weightElements() - 1) / COPY_THREADS + 1, 16L * multiprocessors);
  }

  private ProductKernel correlation(
      String file, Precision precision, boolean aligned, ImageSizes sizes, int groups) {
    ProductTile tile =
        aligned
            ? ProductTile.of(groups, sizes.pixels(), sizes.outputs(), multiprocessors)
            : ProductTile.SCALAR;
    return kernel(file, tile, precision);
  }

  private ProductKernel kernel(String file, ProductTile tile, Precision precision) {
    AtomicReferenceArray<ProductKernel> kernels = products.get(file);
    int index = precision.ordinal() * ProductTile.values().length + tile.ordinal();
    ProductKernel kernel = kernels.get(index);
    if (kernel == null) {
      int more = file.equals(OF_SIGNS) ? SignWindow.MOST_BYTES : 0;
      kernel = ProductKernel.load(session, file, tile.label(), tile, precision, more);
      kernels.set(index, kernel);
    }
    return kernel;
  }

  private static AtomicReferenceArray<ProductKernel> kernels() {
    return new AtomicReferenceArray<>(ProductTile.values().length * Precision.values().length);
  }
}
