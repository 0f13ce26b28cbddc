package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.RandomSigns;
import io.sagitta.kernels.cuda.ConvolutionOperands.Operand;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Launches conv2d.cu, conv2d_grad_input.cu, conv2d_grad_weight.cu and their variants with
 * normalisation, on what {@link ConvolutionOperands} makes of their arguments. Images of a call are
 * all of F32 or all of BF16, the latter for products in that precision.
 */
final class CudaConvolution {
  private static final String FORWARD = "conv2d";
  private static final String OF_SIGNS = "conv2d_of_signs";
  private static final String GRAD_INPUT = "conv2d_grad_input";
  private static final String GRAD_WEIGHT = "conv2d_grad_weight";
  private static final String STATISTICS = "conv2d_statistics";
  private static final String NORM_RELU = "norm_relu_conv2d";
  private static final String NORM_RELU_GRAD_WEIGHT = "norm_relu_conv2d_grad_weight";

  /** Of sums over parts, which are bound by bandwidth. */
  private static final int SUM_THREADS = 256;

  /** Blocks of a weights' gradient of words that a multiprocessor has room for, not by warpgroups. */
  private static final int WORD_BLOCKS = 3;

  /** What follows the file's name where its products are warpgroups'. */
  private static final String BY_WARPGROUPS = "_warpgroup";

  /** Those files that have products of words, and so of warpgroups. */
  private static final Set<String> OF_WORDS = Set.of(FORWARD, STATISTICS, GRAD_WEIGHT);

  /** Rows and columns of taps that image.cuh notes. */
  private static final int MOST_TAPS = 16;

  /** Outputs of a block that adds up parts, and parts that a thread reads at once. */
  private static final int SUM_WIDTH = 32;

  private static final int SUM_AT_ONCE = 4;

  /** Such blocks on a multiprocessor that hide memory's latency. */
  private static final int SUM_BLOCKS = 4;

  private final CudaSession session;
  private final int multiprocessors;
  private final boolean hasWarpgroups;
  private final Map<Conv2dGeometry, ImageSizes> forward = new ConcurrentHashMap<>();
  private final Map<Conv2dGeometry, SignWindow> signWindows = new ConcurrentHashMap<>();
  private final Map<Conv2dGeometry, ImageSizes[]> gradInput = new ConcurrentHashMap<>();
  private final CudaBatchNorm batchNorm;
  private final ConvolutionOperands operands;
  private final Map<String, AtomicReferenceArray<ProductKernel>> products =
      Map.of(
          FORWARD, kernels(), OF_SIGNS, kernels(), GRAD_WEIGHT, kernels(), STATISTICS, kernels(),
          NORM_RELU, kernels(), NORM_RELU_GRAD_WEIGHT, kernels());
  private final LazyKernel sum;
  private final LazyKernel sumFour;

  CudaConvolution(CudaSession session) {
    this(session, session.device().multiprocessors());
  }

  /** Chooses tiles for a device with this many multiprocessors. */
  CudaConvolution(CudaSession session, int multiprocessors) {
    this.session = session;
    this.multiprocessors = multiprocessors;
    this.hasWarpgroups = session.device().hasWarpgroups();
    this.batchNorm = new CudaBatchNorm(session);
    this.operands = new ConvolutionOperands(session, batchNorm);
    this.sum = new LazyKernel(session, GRAD_WEIGHT, "conv2d_grad_weight_sum_f32");
    this.sumFour = new LazyKernel(session, GRAD_WEIGHT, "conv2d_grad_weight_sum_four_f32");
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
    boolean words = readsWords(precision, g);
    boolean aligned = words || isAligned(precision, g, g.groupInChannels(), x);
    ImageSizes sizes = sizes(g, words);
    ProductKernel kernel = correlation(FORWARD, precision, aligned, sizes, g.groups());
    try (Operand images = operands.images(words, x, null, g.inChannels());
        Operand weights = operands.weights(words, aligned, g, w)) {
      long packed = weights.buffer().address().value();
      correlate(kernel, g, sizes, images.buffer(), packed, bias, residual, relu, y);
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
    try (Operand packed = operands.pack(false, g, w)) {
      kernel
          .kernel()
          .with()
          .struct(sizes.struct())
          .arg(CudaBuffer.of(signs.keys()))
          .arg(CudaBuffer.of(signs.weights()))
          .arg(window.imageBlocks())
          .arg(packed.buffer())
          .arg(ProductKernel.paired(y, sizes.outputs()))
          .arg(y)
          .run(
              kernel.tile().blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1,
              kernel.threads(), kernel.sharedBytes() + window.sharedBytes());
    }
  }

  /** Whether images can be normalised on their way in. */
  static boolean readsNormalized(Precision precision, Conv2dGeometry g, CudaBuffer x) {
    return isAligned(precision, g, g.groupInChannels(), x);
  }

  /**
   * y and the statistics of its channels.
   *
   * @param norm done to x, or null; with it, {@link #readsNormalized} must hold
   */
  void conv2dStatistics(
      Precision precision, Conv2dGeometry g, CudaBuffer x, NormRelu norm, CudaBuffer w,
      CudaBuffer y, CudaBuffer statistics) {
    boolean words = readsWords(precision, g);
    boolean aligned = words || isAligned(precision, g, g.groupInChannels(), x);
    ImageSizes sizes = sizes(g, words);
    boolean onTheWay = norm != null && !words;
    ProductKernel kernel =
        correlation(onTheWay ? NORM_RELU : STATISTICS, precision, aligned, sizes, g.groups());
    // A thread sums up one column of its part of the block, see conv2d_statistics.cuh.
    ProductTile tile = kernel.tile();
    long part = (long) tile.rows() * tile.columns() / kernel.threads();
    long parts = (sizes.pixels() - 1) / part + 1;
    CudaBuffer partial = session.scratch(DType.F64, 2 * parts * g.outChannels());
    try (Operand coefficients = operands.coefficients(norm, g.inChannels());
        Operand images = operands.images(words, x, coefficients.buffer(), g.inChannels());
        Operand packed = operands.pack(words, g, w)) {
      Launch launch = kernel.kernel().with().struct(sizes.struct()).arg(images.buffer());
      if (onTheWay) {
        launch.arg(coefficients.buffer());
      }
      launch.arg(packed.buffer()).arg(ProductKernel.paired(y, sizes.outputs()));
      if (!onTheWay) {
        launch.arg(isBf16(y));
      }
      launch
          .arg(y)
          .arg(partial)
          .run(
              tile.blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1, kernel.threads(),
              kernel.sharedBytes());
      batchNorm.finishStatistics(sizes.pixels(), g.outChannels(), part, partial, statistics);
    } finally {
      partial.release();
    }
  }

  void conv2dGradInput(
      Precision precision, Conv2dGeometry g, CudaBuffer w, CudaBuffer gradY, CudaBuffer gradX) {
    if (g.batch() == 0) {
      return;
    }
    boolean aligned = isAligned(precision, g, g.groupOutChannels(), gradY);
    boolean words = aligned && precision == Precision.BF16;
    ImageSizes[] phases =
        gradInput.computeIfAbsent(
            words ? channels(g, g.inChannels(), g.outChannels() / 2) : g, ImageSizes::gradInput);
    try (Operand images = operands.images(words, gradY, null, g.outChannels());
        Operand packed = operands.transpose(words, g, w)) {
      for (ImageSizes phase : phases) {
        ProductKernel kernel = correlation(FORWARD, precision, aligned, phase, g.groups());
        long weights = packed.buffer().address().value() + phase.weightsBefore() * Float.BYTES;
        correlate(kernel, g, phase, images.buffer(), weights, null, null, false, gradX);
      }
    }
  }

  /** Whether images can be normalised on their way into the weights' gradient. */
  static boolean readsNormalized(
      Precision precision, Conv2dGeometry g, CudaBuffer x, CudaBuffer gradY) {
    return g.batch() > 0 && isAligned(precision, g, g.groupInChannels(), x)
        && isAligned(precision, g, g.groupOutChannels(), gradY);
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
      sum(g, 0, g.weightElements(), null, gradW);
      return;
    }
    boolean words =
        readsWords(precision, g) && isAligned(precision, g, g.groupOutChannels(), gradY);
    boolean aligned = words || readsNormalized(precision, g, x, gradY);
    long each = words ? padded(g).weightElements() : g.weightElements();
    ImageSizes sizes = sizes(g, words);
    int lines = words ? 2 * sizes.depth() : sizes.depth();
    ProductTile tile = aligned ? ProductTile.ofParts(lines, sizes.outputs()) : ProductTile.SCALAR;
    boolean onTheWay = norm != null && !words;
    ProductKernel kernel =
        kernel(onTheWay ? NORM_RELU_GRAD_WEIGHT : GRAD_WEIGHT, tile, precision);
    long blocks = tile.blocks(1, lines, sizes.outputs());
    int parts =
        ProductKernel.parts(
            blocks * g.groups(),
            (words && !hasWarpgroups ? WORD_BLOCKS : ProductKernel.BLOCKS) * multiprocessors,
            sizes.pixels(), each);
    CudaBuffer scratch = session.scratch(DType.F32, parts * each);
    try (Operand coefficients = operands.coefficients(norm, g.inChannels());
        Operand images = operands.images(words, x, coefficients.buffer(), g.inChannels());
        Operand gradients = operands.images(words, gradY, null, g.outChannels())) {
      Launch launch = kernel.kernel().with().struct(sizes.struct()).arg(images.buffer());
      if (onTheWay) {
        launch.arg(coefficients.buffer());
      }
      launch
          .arg(gradients.buffer())
          .arg(scratch)
          .run(blocks, g.groups(), parts, kernel.threads(), kernel.sharedBytes());
      sum(g, parts, each, scratch, gradW);
    } finally {
      scratch.release();
    }
  }

  private void correlate(
      ProductKernel kernel, Conv2dGeometry g, ImageSizes sizes, CudaBuffer x, long weights,
      CudaBuffer bias, CudaBuffer residual, boolean relu, CudaBuffer y) {
    int paired = ProductKernel.paired(y, sizes.outputs());
    kernel
        .kernel()
        .with()
        .struct(sizes.struct())
        .arg(x)
        .arg(weights)
        .arg(bias)
        .arg(residual)
        .arg(relu ? 1 : 0)
        .arg(residual == null ? paired : paired & ProductKernel.paired(residual, sizes.outputs()))
        .arg(isBf16(y))
        .arg(y)
        .run(
            kernel.tile().blocks(1, sizes.pixels(), sizes.outputs()), g.groups(), 1,
            kernel.threads(), kernel.sharedBytes());
  }

  /**
   * Whether channels of images can be copied by 16 bytes, of bf16 as many as a thread rounds, and
   * taps have a bit each.
   */
  private static boolean isAligned(
      Precision precision, Conv2dGeometry g, int channels, CudaBuffer images) {
    int least = precision == Precision.BF16 ? CudaBf16.VECTOR : 4;
    return channels % least == 0 && hasBitForEachTap(g)
        && ProductKernel.isAligned(images);
  }

  /**
   * Whether a product reads images as words, whose channels come by eights in every group, if need be
   * with zeros behind them.
   */
  private static boolean readsWords(Precision precision, Conv2dGeometry g) {
    return precision == Precision.BF16
        && (g.groups() == 1 || g.groupInChannels() % CudaBf16.VECTOR == 0)
        && hasBitForEachTap(g);
  }

  private static boolean hasBitForEachTap(Conv2dGeometry g) {
    return Math.max(g.kernelHeight(), g.kernelWidth()) <= MOST_TAPS;
  }

  /** Sizes of x ⋆ w, those of words where x and w are. */
  private ImageSizes sizes(Conv2dGeometry g, boolean words) {
    return forward.computeIfAbsent(
        words ? channels(g, padded(g).inChannels() / 2, g.outChannels()) : g,
        ImageSizes::forward);
  }

  private static Conv2dGeometry padded(Conv2dGeometry g) {
    return channels(g, CudaBf16.padded(g.inChannels()), g.outChannels());
  }

  private static Conv2dGeometry channels(Conv2dGeometry g, int in, int out) {
    return new Conv2dGeometry(
        g.batch(), g.height(), g.width(), in, out, g.kernelHeight(), g.kernelWidth(), g.stride(),
        g.padding(), g.groups());
  }

  private static int isBf16(CudaBuffer images) {
    return images.type() == DType.BF16 ? 1 : 0;
  }

  /**
   * @param each elements of a part, whose channels may be more than the weights'
   */
  private void sum(
      Conv2dGeometry g, int parts, long each, CudaBuffer scratch, CudaBuffer gradW) {
    int taps = g.kernelHeight() * g.kernelWidth();
    int lines = g.groupInChannels() * taps;
    int outputs = g.groupOutChannels();
    int vector = outputs % 4 == 0 ? 4 : 1;
    int across = (outputs - 1) / SUM_WIDTH + 1;
    // The fewer lines a block has, the more threads a line, which share its parts.
    int height = SUM_THREADS * vector / SUM_WIDTH;
    int shares = 1;
    while (shares < height && parts > shares * SUM_AT_ONCE
        && sumBlocks(lines, height / shares) * across * g.groups()
            < (long) SUM_BLOCKS * multiprocessors) {
      shares *= 2;
    }
    (vector == 4 ? sumFour : sum)
        .with()
        .arg(each)
        .arg(parts)
        .arg((parts + shares - 1) / shares)
        .arg(height / shares)
        .arg(taps)
        .arg(g.groupInChannels())
        .arg(Math.toIntExact(each / ((long) g.outChannels() * taps)))
        .arg(outputs)
        .arg(scratch)
        .arg(gradW)
        .run(sumBlocks(lines, height / shares), across, g.groups(), SUM_THREADS, 0);
  }

  private static long sumBlocks(int lines, int each) {
    return (lines - 1) / each + 1;
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
      boolean ofWords =
          precision == Precision.BF16 && tile != ProductTile.SCALAR && OF_WORDS.contains(file);
      if (ofWords && hasWarpgroups) {
        kernel = ProductKernel.ofWarpgroup(session, file + BY_WARPGROUPS, tile, precision);
      } else {
        boolean inPairs = ofWords && file.equals(GRAD_WEIGHT);
        int more = file.equals(OF_SIGNS) ? SignWindow.MOST_BYTES : 0;
        kernel = ProductKernel.load(session, file, tile.label(), tile, precision, inPairs, more);
      }
      kernels.set(index, kernel);
    }
    return kernel;
  }

  private static AtomicReferenceArray<ProductKernel> kernels() {
    return new AtomicReferenceArray<>(ProductTile.values().length * Precision.values().length);
  }
}
