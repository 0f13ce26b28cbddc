package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.DeviceException;
import io.sagitta.kernels.GroupNormGeometry;
import io.sagitta.kernels.MemoryUse;
import io.sagitta.kernels.NormRelu;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.RandomSigns;
import io.sagitta.kernels.UnaryOp;
import java.util.ArrayList;
import java.util.List;

/**
 * The backend on an NVIDIA GPU: float32, and bfloat16 for images. Kernels of a backend run in the
 * order of their calls, on one stream; only downloads and {@link #synchronize} wait for them.
 */
public final class CudaBackend implements Backend {
  /**
   * Memory for a number of a sample: a network of ResNet-18's width makes some 800 of each, which
   * exist up to five times over while they are differenced. Other networks get the same room.
   */
  private static final long BYTES_PER_NUMBER = 20 * 1024;

  /** More gain nothing: every layer fills the largest device several times over. */
  private static final long MOST_SAMPLES = 2048;

  private final CudaSession session;
  private final CudaTransfer transfer;
  private final CudaElementwise elementwise;
  private final CudaBinary binary;
  private final CudaBf16 bf16;
  private final CudaCopy copy;
  private final CudaReduction reduction;
  private final CudaProducts products;
  private final CudaPool pool;
  private final CudaStencil stencil;
  private final CudaDual dual;
  private final CudaRows indexed;
  private final CudaSoftmax softmax;
  private final CudaLayerNorm layerNorm;
  private final CudaBatchNorm batchNorm;
  private final CudaGroupNorm groupNorm;
  private final CudaSgd sgd;
  private final CudaRandom random;
  private final CudaAugment augment;

  private CudaBackend(CudaSession session) {
    this.session = session;
    transfer = new CudaTransfer(session);
    elementwise = new CudaElementwise(session);
    binary = new CudaBinary(session);
    bf16 = new CudaBf16(session);
    copy = new CudaCopy(session);
    reduction = new CudaReduction(session);
    random = new CudaRandom(session);
    products = new CudaProducts(session, random);
    pool = new CudaPool(session);
    stencil = new CudaStencil(session);
    dual = new CudaDual(session);
    indexed = new CudaRows(session);
    softmax = new CudaSoftmax(session);
    layerNorm = new CudaLayerNorm(session);
    batchNorm = new CudaBatchNorm(session);
    groupNorm = new CudaGroupNorm(session);
    sgd = new CudaSgd(session);
    augment = new CudaAugment(session);
  }

  /**
   * A backend on the device with this number.
   *
   * @throws io.sagitta.kernels.DeviceException if it cannot be used, with the reason
   */
  public static CudaBackend open(int ordinal) {
    CudaSession session = new CudaSession(ordinal);
    boolean done = false;
    try {
      CudaBackend opened = new CudaBackend(session);
      done = true;
      return opened;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  /**
   * Computes something that takes memory, a kernel and copies both ways, so that a device for which
   * there are no kernels, or that does not work, shows.
   *
   * @throws io.sagitta.kernels.DeviceException if it fails, also for want of memory, which others
   *     on the device may have taken
   */
  public void probe() {
    float[] value = {0};
    Buffer one = one();
    try {
      fill(one, 1);
      download(one, 0, value, 0, 1);
    } finally {
      one.release();
    }
    if (value[0] != 1) {
      throw new DeviceException(
          session.device().name() + ": a kernel was asked for 1 and gave " + value[0]);
    }
  }

  private Buffer one() {
    try {
      return allocate(DType.F32, 1);
    } catch (OutOfMemoryError e) {
      throw new DeviceException(e.getMessage(), false, e);
    }
  }

  /** What it computes with, and what is missing and why: a line each, for people. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>(List.of("kernels: " + session.images().use()));
    notes.addAll(CudaLibraries.report());
    return notes;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The work is done once first, so that its kernels are loaded and its products chosen.
   *
   * @throws IllegalStateException if the work waits, copies to or from the host or replays
   */
  @Override
  public CudaGraph record(Runnable work) {
    work.run();
    return CudaGraph.capture(session, work);
  }

  // ---------------------------------------------------------------- identity and memory

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    return session.device().name() + " " + session.device().description();
  }

  @Override
  public DType dtype() {
    return DType.F32;
  }

  @Override
  public boolean supports(Precision precision) {
    return true;
  }

  @Override
  public boolean storesBf16() {
    return true;
  }

  @Override
  public boolean storesDifferencesAsBf16() {
    return true;
  }

  @Override
  public Buffer allocate(DType type, long elements) {
    if (type == DType.F64) {
      throw new IllegalArgumentException(
          "cuda: expected element type F32, BF16 or I32, got " + type);
    }
    if (elements < 0) {
      throw new IllegalArgumentException("cuda: expected elements >= 0, got " + elements);
    }
    return new CudaBuffer(session.memory(), type, elements);
  }

  @Override
  public long liveBytes() {
    return session.memory().liveBytes();
  }

  @Override
  public long peakBytes() {
    return session.memory().peakBytes();
  }

  @Override
  public void resetPeak() {
    session.memory().resetPeak();
  }

  @Override
  public long freeDeviceBytes() {
    return session.freeBytes();
  }

  @Override
  public int samplesAtOnce(int least, long numbers) {
    return samplesAtOnce(session.device().memoryBytes(), least, numbers);
  }

  /** The same for a device with so much memory. */
  static int samplesAtOnce(long memoryBytes, int least, long numbers) {
    long fitting = memoryBytes / (Math.max(1, numbers) * BYTES_PER_NUMBER);
    return (int) Math.max(least, Math.min(MOST_SAMPLES, Long.highestOneBit(fitting)));
  }

  @Override
  public MemoryUse memoryUse() {
    return session.memoryUse();
  }

  @Override
  public void upload(
      float[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    transfer.upload(source, sourceOffset, CudaBuffer.of(target), targetOffset, count);
  }

  @Override
  public void upload(
      double[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    transfer.upload(source, sourceOffset, CudaBuffer.of(target), targetOffset, count);
  }

  @Override
  public void upload(int[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    transfer.upload(source, sourceOffset, CudaBuffer.of(target), targetOffset, count);
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, float[] target, int targetOffset, int count) {
    transfer.download(CudaBuffer.of(source), sourceOffset, target, targetOffset, count);
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, double[] target, int targetOffset, int count) {
    transfer.download(CudaBuffer.of(source), sourceOffset, target, targetOffset, count);
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, int[] target, int targetOffset, int count) {
    transfer.download(CudaBuffer.of(source), sourceOffset, target, targetOffset, count);
  }

  // ---------------------------------------------------------------- kernels

  @Override
  public void fill(Buffer y, double value) {
    elementwise.fill(CudaBuffer.of(y), value);
  }

  @Override
  public void unary(UnaryOp op, Buffer x, Buffer y) {
    elementwise.unary(op, CudaBuffer.of(x), CudaBuffer.of(y));
  }

  @Override
  public void affine(Buffer x, double scale, double shift, Buffer y) {
    elementwise.affine(CudaBuffer.of(x), scale, shift, CudaBuffer.of(y));
  }

  @Override
  public void binary(BinaryOp op, Buffer a, Buffer b, Buffer y) {
    CudaBuffer first = CudaBuffer.images(a);
    binary.binary(op, first, first.like(b), first.like(y));
  }

  @Override
  public void binary(
      BinaryOp op, Buffer a, long[] aStrides, Buffer b, long[] bStrides, Buffer y, long[] shape) {
    binary.binary(
        op, CudaBuffer.of(a), aStrides, CudaBuffer.of(b), bStrides, CudaBuffer.of(y), shape);
  }

  @Override
  public void accumulate(Buffer x, double scale, Buffer y) {
    elementwise.accumulate(CudaBuffer.of(x), scale, CudaBuffer.of(y));
  }

  @Override
  public void copy(
      Buffer source, long sourceOffset, long[] sourceStrides, Buffer target, long targetOffset,
      long[] targetStrides, long[] shape) {
    copy.copy(
        CudaBuffer.of(source), sourceOffset, sourceStrides, CudaBuffer.of(target), targetOffset,
        targetStrides, shape);
  }

  @Override
  public void cast(Buffer x, Buffer y) {
    bf16.cast(CudaBuffer.images(x), CudaBuffer.images(y));
  }

  @Override
  public void sum(Buffer x, Buffer y, long outer, long reduced, long inner) {
    reduction.sum(CudaBuffer.of(x), CudaBuffer.of(y), outer, reduced, inner);
  }

  @Override
  public void max(Buffer x, Buffer y, long outer, long reduced, long inner) {
    reduction.max(CudaBuffer.of(x), CudaBuffer.of(y), outer, reduced, inner);
  }

  @Override
  public void matmul(
      Precision precision, Buffer a, boolean transposeA, Buffer b, boolean transposeB, Buffer c,
      int batch, int m, int n, int k) {
    products.matmul(
        precision, CudaBuffer.of(a), transposeA, CudaBuffer.of(b), transposeB, CudaBuffer.of(c),
        batch, m, n, k);
  }

  @Override
  public void conv2d(Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.conv2d(precision, g, images, CudaBuffer.of(w), images.like(y));
  }

  @Override
  public void conv2dGradInput(
      Precision precision, Conv2dGeometry g, Buffer w, Buffer gradY, Buffer gradX) {
    CudaBuffer images = CudaBuffer.images(gradY, precision);
    products.conv2dGradInput(precision, g, CudaBuffer.of(w), images, images.like(gradX));
  }

  @Override
  public void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer gradY, Buffer gradW) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.conv2dGradWeight(precision, g, images, images.like(gradY), CudaBuffer.of(gradW));
  }

  @Override
  public void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer bias, Buffer residual,
      boolean relu, Buffer y) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.conv2dBiasAct(
        precision, g, images, CudaBuffer.of(w), CudaBuffer.of(bias), images.likeNullable(residual),
        relu, images.like(y));
  }

  @Override
  public void maxPool2d(Pool2dGeometry g, Buffer x, Buffer y, Buffer winners) {
    CudaBuffer images = CudaBuffer.images(x);
    pool.maxPool2d(g, images, images.like(y), CudaBuffer.of(winners));
  }

  @Override
  public void select(Buffer x, Buffer winners, Buffer y) {
    CudaBuffer images = CudaBuffer.images(x);
    indexed.select(images, CudaBuffer.of(winners), images.like(y));
  }

  @Override
  public void scatter(Buffer y, Buffer winners, Buffer x) {
    CudaBuffer images = CudaBuffer.images(y);
    indexed.scatter(images, CudaBuffer.of(winners), images.like(x));
  }

  @Override
  public void avgPool2d(Pool2dGeometry g, Buffer x, Buffer y) {
    pool.avgPool2d(g, CudaBuffer.of(x), CudaBuffer.of(y));
  }

  @Override
  public void avgPool2dGrad(Pool2dGeometry g, Buffer gradY, Buffer gradX) {
    pool.avgPool2dGrad(g, CudaBuffer.of(gradY), CudaBuffer.of(gradX));
  }

  @Override
  public void stencilRelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    CudaBuffer images = CudaBuffer.images(odd);
    stencil.relu(
        CudaBuffer.of(s), images, images.likeNullable(even), images.like(oddY),
        images.like(evenY));
  }

  @Override
  public void stencilGelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    stencil.gelu(
        CudaBuffer.of(s), CudaBuffer.of(odd), CudaBuffer.ofNullable(even), CudaBuffer.of(oddY),
        CudaBuffer.of(evenY));
  }

  @Override
  public void stencilSoftmax(
      Buffer p, Buffer odd, Buffer even, Buffer oddY, Buffer evenY, long rows, long columns) {
    softmax.stencil(
        CudaBuffer.of(p), CudaBuffer.of(odd), CudaBuffer.ofNullable(even), CudaBuffer.of(oddY),
        CudaBuffer.of(evenY), rows, columns);
  }

  @Override
  public void stencilMaxPool2d(
      Pool2dGeometry g, Buffer s, Buffer odd, Buffer even, Buffer winners, Buffer oddY,
      Buffer evenY) {
    stencil.maxPool2d(
        g, CudaBuffer.of(s), CudaBuffer.of(odd), CudaBuffer.ofNullable(even),
        CudaBuffer.of(winners), CudaBuffer.of(oddY), CudaBuffer.of(evenY));
  }

  @Override
  public void stencilGroupNorm(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, double epsilon, Buffer odd,
      Buffer even, Buffer oddY, Buffer evenY) {
    stencil.groupNorm(
        g, CudaBuffer.of(x), CudaBuffer.of(statistics), CudaBuffer.of(gamma), epsilon,
        CudaBuffer.of(odd), CudaBuffer.ofNullable(even), CudaBuffer.of(oddY),
        CudaBuffer.of(evenY));
  }

  @Override
  public void stencilCrossEntropy(
      Buffer x, Buffer odd, Buffer even, Buffer labels, Buffer y, long rows, long columns) {
    stencil.crossEntropy(
        CudaBuffer.of(x), CudaBuffer.of(odd), CudaBuffer.ofNullable(even), CudaBuffer.of(labels),
        CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void unaryDual(UnaryOp op, Buffer x, Buffer dx, Buffer y, Buffer dy) {
    dual.unary(op, CudaBuffer.of(x), CudaBuffer.of(dx), CudaBuffer.of(y), CudaBuffer.of(dy));
  }

  @Override
  public void unarySlope(UnaryOp op, Buffer z, Buffer t, Buffer y) {
    dual.slope(op, CudaBuffer.of(z), CudaBuffer.of(t), CudaBuffer.of(y));
  }

  @Override
  public void unarySlopeDual(
      UnaryOp op, Buffer z, Buffer dz, Buffer t, Buffer dt, Buffer y, Buffer dy) {
    dual.slopeDual(
        op, CudaBuffer.of(z), CudaBuffer.of(dz), CudaBuffer.of(t), CudaBuffer.of(dt),
        CudaBuffer.of(y), CudaBuffer.of(dy));
  }

  @Override
  public void binaryDual(
      BinaryOp op, Buffer a, Buffer da, Buffer b, Buffer db, Buffer y, Buffer dy) {
    dual.binary(
        op, CudaBuffer.of(a), CudaBuffer.of(da), CudaBuffer.of(b), CudaBuffer.of(db),
        CudaBuffer.of(y), CudaBuffer.of(dy));
  }

  @Override
  public void softmaxDual(Buffer x, Buffer dx, Buffer y, Buffer dy, long rows, long columns) {
    softmax.softmaxDual(
        CudaBuffer.of(x), CudaBuffer.of(dx), CudaBuffer.of(y), CudaBuffer.of(dy), rows, columns);
  }

  @Override
  public void gatherRows(Buffer table, Buffer index, Buffer y, long rows, long width) {
    indexed.gatherRows(CudaBuffer.of(table), CudaBuffer.of(index), CudaBuffer.of(y), rows, width);
  }

  @Override
  public void scatterAddRows(
      Buffer y, Buffer index, Buffer table, long rows, long tableRows, long width) {
    indexed.scatterAddRows(
        CudaBuffer.of(y), CudaBuffer.of(index), CudaBuffer.of(table), rows, tableRows, width);
  }

  @Override
  public void softmax(Buffer x, Buffer y, long rows, long columns) {
    softmax.softmax(CudaBuffer.of(x), CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void logSumExp(Buffer x, Buffer y, long rows, long columns) {
    softmax.logSumExp(CudaBuffer.of(x), CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void crossEntropy(Buffer x, Buffer labels, Buffer y, long rows, long columns) {
    softmax.crossEntropy(CudaBuffer.of(x), CudaBuffer.of(labels), CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void crossEntropyGrad(
      Buffer x, Buffer labels, Buffer weight, Buffer y, long rows, long columns) {
    softmax.crossEntropyGrad(
        CudaBuffer.of(x), CudaBuffer.of(labels), CudaBuffer.of(weight), CudaBuffer.of(y), rows,
        columns);
  }

  @Override
  public void moveStatistics(
      Buffer mean, Buffer variance, double share, double unbiased, Buffer runningMean,
      Buffer runningVariance) {
    batchNorm.moveStatistics(
        CudaBuffer.of(mean), CudaBuffer.of(variance), share, unbiased, CudaBuffer.of(runningMean),
        CudaBuffer.of(runningVariance));
  }

  @Override
  public void batchNormStatistics(Buffer x, Buffer statistics, long rows, int channels) {
    batchNorm.batchNormStatistics(CudaBuffer.images(x), CudaBuffer.of(statistics), rows, channels);
  }

  @Override
  public void batchNormApply(
      Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual, boolean relu, double
      epsilon, Buffer y, long rows, int channels) {
    CudaBuffer images = CudaBuffer.images(x);
    batchNorm.batchNormApply(
        images, CudaBuffer.of(statistics), CudaBuffer.of(gamma), CudaBuffer.of(beta),
        images.likeNullable(residual), relu, epsilon, images.like(y), rows, channels);
  }

  @Override
  public void batchNormSums(
      Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon, Buffer sums, long rows,
      int channels) {
    CudaBuffer images = CudaBuffer.images(x);
    batchNorm.batchNormSums(
        images, CudaBuffer.of(statistics), images.like(gradY), images.likeNullable(y), epsilon,
        CudaBuffer.of(sums), rows, channels);
  }

  @Override
  public void batchNormGradInput(
      Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y, Buffer sums, double
      epsilon, Buffer gradX, long rows, int channels) {
    CudaBuffer images = CudaBuffer.images(x);
    batchNorm.batchNormGradInput(
        images, CudaBuffer.of(statistics), CudaBuffer.of(gamma), images.like(gradY),
        images.likeNullable(y), CudaBuffer.of(sums), epsilon, images.like(gradX), rows, channels);
  }

  @Override
  public void layerNorm(
      Buffer x, Buffer gamma, Buffer beta, double epsilon, Buffer y, long rows, long columns) {
    layerNorm.apply(
        CudaBuffer.of(x), CudaBuffer.ofNullable(gamma), CudaBuffer.ofNullable(beta), epsilon,
        CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void layerNormJacobian(
      Buffer x, Buffer before, Buffer after, Buffer t, double epsilon, Buffer y, long rows,
      long columns) {
    layerNorm.jacobian(
        CudaBuffer.of(x), CudaBuffer.ofNullable(before), CudaBuffer.ofNullable(after),
        CudaBuffer.of(t), epsilon, CudaBuffer.of(y), rows, columns);
  }

  @Override
  public void layerNormJacobianDual(
      Buffer x, Buffer dx, Buffer before, Buffer t, Buffer dt, double epsilon, Buffer y, Buffer dy,
      long rows, long columns) {
    layerNorm.jacobianDual(
        CudaBuffer.of(x), CudaBuffer.of(dx), CudaBuffer.ofNullable(before), CudaBuffer.of(t),
        CudaBuffer.of(dt), epsilon, CudaBuffer.of(y), CudaBuffer.of(dy), rows, columns);
  }

  @Override
  public void groupNormStatistics(GroupNormGeometry g, Buffer x, Buffer statistics) {
    if (g.rows() == 1 && g.groups() == 1) {
      layerNorm.statistics(
          CudaBuffer.of(x), CudaBuffer.of(statistics), g.samples(), g.channels());
    } else {
      groupNorm.statistics(g, CudaBuffer.of(x), CudaBuffer.of(statistics));
    }
  }

  @Override
  public void groupNormApply(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual,
      boolean relu, double epsilon, Buffer y) {
    groupNorm.apply(
        g, CudaBuffer.of(x), CudaBuffer.of(statistics), CudaBuffer.of(gamma), CudaBuffer.of(beta),
        CudaBuffer.ofNullable(residual), relu, epsilon, CudaBuffer.of(y));
  }

  @Override
  public void groupNormSums(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon,
      Buffer sums) {
    groupNorm.sums(
        g, CudaBuffer.of(x), CudaBuffer.of(statistics), CudaBuffer.of(gradY),
        CudaBuffer.ofNullable(y), epsilon, CudaBuffer.of(sums));
  }

  @Override
  public void groupNormGradInput(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y,
      Buffer sums, double epsilon, Buffer gradX) {
    groupNorm.gradInput(
        g, CudaBuffer.of(x), CudaBuffer.of(statistics), CudaBuffer.of(gamma), CudaBuffer.of(gradY),
        CudaBuffer.ofNullable(y), CudaBuffer.of(sums), epsilon, CudaBuffer.of(gradX));
  }

  @Override
  public boolean fusesNormalization() {
    return true;
  }

  @Override
  public void conv2dStatistics(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y, Buffer statistics) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.conv2dStatistics(
        precision, g, images, null, CudaBuffer.of(w), images.like(y), CudaBuffer.of(statistics));
  }

  @Override
  public void normReluConv2d(
      Precision precision, Conv2dGeometry g, Buffer x, NormRelu norm, Buffer w, Buffer y,
      Buffer statistics) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.conv2dStatistics(
        precision, g, images, norm, CudaBuffer.of(w), images.like(y), CudaBuffer.of(statistics));
  }

  @Override
  public void normReluConv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, NormRelu norm, Buffer gradY, Buffer gradW) {
    CudaBuffer images = CudaBuffer.images(x, precision);
    products.normReluConv2dGradWeight(
        precision, g, images, norm, images.like(gradY), CudaBuffer.of(gradW));
  }

  @Override
  public void normReluSums(
      Buffer x, NormRelu norm, Buffer gradY, Buffer sums, long rows, int channels) {
    CudaBuffer images = CudaBuffer.images(x);
    batchNorm.normReluSums(
        images, norm, images.like(gradY), CudaBuffer.of(sums), rows, channels);
  }

  @Override
  public void normReluGradInput(
      Buffer x, NormRelu norm, Buffer gradY, Buffer sums, Buffer gradX, long rows, int channels) {
    CudaBuffer images = CudaBuffer.images(x);
    batchNorm.normReluGradInput(
        images, norm, images.like(gradY), CudaBuffer.of(sums), images.like(gradX), rows, channels);
  }

  @Override
  public void sgd(
      List<Buffer> weights, List<Buffer> gradients, List<Buffer> velocities, double rate,
      double momentum, double weightDecay, boolean nesterov) {
    sgd.sgd(weights, gradients, velocities, rate, momentum, weightDecay, nesterov);
  }

  @Override
  public void rademacher(RandomSigns signs, Buffer y) {
    random.rademacher(signs, CudaBuffer.of(y));
  }

  @Override
  public void conv2dOfSigns(
      Precision precision, Conv2dGeometry g, RandomSigns signs, Buffer w, Buffer y) {
    products.conv2dOfSigns(precision, g, signs, CudaBuffer.of(w), CudaBuffer.of(y));
  }

  @Override
  public void cropFlip(
      Buffer images, Buffer table, Buffer draws, Buffer y, int batch, int height, int width,
      int channels) {
    augment.cropFlip(
        CudaBuffer.of(images), CudaBuffer.of(table), CudaBuffer.of(draws), CudaBuffer.of(y), batch,
        height, width, channels);
  }

  @Override
  public void synchronize() {
    session.synchronize();
  }

  @Override
  public void close() {
    try {
      products.close();
    } finally {
      session.close();
    }
  }
}
