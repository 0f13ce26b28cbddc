package io.sagitta.kernels.host;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.GroupNormGeometry;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.RandomSigns;
import io.sagitta.kernels.UnaryOp;
import java.util.List;

/**
 * Float32 on the CPU, with all cores; images may be stored as bfloat16 where products compute in
 * it. One buffer holds at most 2 GiB.
 */
public final class HostBackend implements Backend {
  private final HostMemory memory = new HostMemory();
  private final ProductKernels products;
  private final BatchNormKernels floatNorms = new NormKernels();
  private final String productsDescription;
  private boolean closed;

  /**
   * @param products computes products and convolutions; closed with this backend
   * @param reason why it is not the native library, or null
   */
  HostBackend(ProductKernels products, String reason) {
    this.products = products;
    this.productsDescription = products.description() + (reason == null ? "" : " (" + reason + ")");
  }

  /** The host backend with the fastest products this machine has. */
  public static HostBackend create() {
    ProductProvider best = ProductProvider.best();
    return new HostBackend(best.products(), best.reason());
  }

  /** The host backend without native libraries. */
  public static HostBackend createPlain() {
    return new HostBackend(new JavaProducts(), "asked for");
  }

  /** Bytes that the buffers of all host backends may take together. */
  public static long limitBytes() {
    return OffHeap.limit();
  }

  @Override
  public String name() {
    return "host";
  }

  @Override
  public String description() {
    return "CPU " + System.getProperty("os.arch") + ", " + Parallel.threads()
        + " threads, Java " + Runtime.version().feature() + "; products by " + productsDescription;
  }

  @Override
  public DType dtype() {
    return DType.F32;
  }

  @Override
  public boolean supports(Precision precision) {
    return products.supports(precision);
  }

  @Override
  public boolean storesBf16() {
    return supports(Precision.BF16);
  }

  // ---------------------------------------------------------------- memory

  @Override
  public Buffer allocate(DType type, long elements) {
    if (type == DType.F64 || type == DType.BF16 && !storesBf16()) {
      throw new IllegalArgumentException(
          "host: expected element type F32" + (storesBf16() ? ", BF16" : "") + " or I32, got "
              + type);
    }
    if (elements < 0) {
      throw new IllegalArgumentException("host: expected elements >= 0, got " + elements);
    }
    return new HostBuffer(memory, type, elements);
  }

  @Override
  public long liveBytes() {
    return memory.liveBytes();
  }

  @Override
  public long peakBytes() {
    return memory.peakBytes();
  }

  @Override
  public void resetPeak() {
    memory.resetPeak();
  }

  @Override
  public long freeDeviceBytes() {
    return 0;
  }

  @Override
  public void upload(
      float[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    HostBuffer.of(target).writeFloats().put(at(targetOffset), source, sourceOffset, count);
  }

  @Override
  public void upload(
      double[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    float[] rounded = new float[count];
    for (int i = 0; i < count; i++) {
      rounded[i] = (float) source[sourceOffset + i];
    }
    upload(rounded, 0, target, targetOffset, count);
  }

  @Override
  public void upload(int[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    HostBuffer.of(target).writeInts().put(at(targetOffset), source, sourceOffset, count);
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, float[] target, int targetOffset, int count) {
    HostBuffer.of(source).floats().get(at(sourceOffset), target, targetOffset, count);
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, double[] target, int targetOffset, int count) {
    float[] values = new float[count];
    download(source, sourceOffset, values, 0, count);
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = values[i];
    }
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, int[] target, int targetOffset, int count) {
    HostBuffer.of(source).ints().get(at(sourceOffset), target, targetOffset, count);
  }

  // ---------------------------------------------------------------- elementwise

  @Override
  public void fill(Buffer y, double value) {
    ElementwiseKernels.fill(HostBuffer.of(y), (float) value);
  }

  @Override
  public void unary(UnaryOp op, Buffer x, Buffer y) {
    ElementwiseKernels.unary(op, HostBuffer.of(x), HostBuffer.of(y));
  }

  @Override
  public void affine(Buffer x, double scale, double shift, Buffer y) {
    ElementwiseKernels.affine(
        HostBuffer.of(x), (float) scale, (float) shift, HostBuffer.of(y));
  }

  @Override
  public void binary(BinaryOp op, Buffer a, Buffer b, Buffer y) {
    if (op == BinaryOp.ADD && a.type() == DType.BF16) {
      products.bf16().add(HostBuffer.of(a), HostBuffer.of(b), HostBuffer.of(y));
    } else {
      ElementwiseKernels.binary(op, HostBuffer.of(a), HostBuffer.of(b), HostBuffer.of(y));
    }
  }

  @Override
  public void binary(
      BinaryOp op, Buffer a, long[] aStrides, Buffer b, long[] bStrides, Buffer y, long[] shape) {
    if (y.elements() > 0) {
      BroadcastKernels.binary(
          op, HostBuffer.of(a), aStrides, HostBuffer.of(b), bStrides, HostBuffer.of(y), shape);
    }
  }

  @Override
  public void accumulate(Buffer x, double scale, Buffer y) {
    ElementwiseKernels.accumulate(HostBuffer.of(x), (float) scale, HostBuffer.of(y));
  }

  @Override
  public void copy(
      Buffer source, long sourceOffset, long[] sourceStrides,
      Buffer target, long targetOffset, long[] targetStrides, long[] shape) {
    for (long length : shape) {
      if (length == 0) {
        return;
      }
    }
    CopyKernels.copy(
        HostBuffer.of(source), sourceOffset, sourceStrides, HostBuffer.of(target), targetOffset,
        targetStrides, shape);
  }

  @Override
  public void cast(Buffer x, Buffer y) {
    if (storesBf16()) {
      CastKernels.cast(HostBuffer.of(x), HostBuffer.of(y));
    } else {
      Backend.super.cast(x, y);
    }
  }

  // ---------------------------------------------------------------- reductions

  @Override
  public void sum(Buffer x, Buffer y, long outer, long reduced, long inner) {
    if (y.elements() > 0) {
      ReductionKernels.sum(HostBuffer.of(x), HostBuffer.of(y), at(outer), at(reduced), at(inner));
    }
  }

  @Override
  public void max(Buffer x, Buffer y, long outer, long reduced, long inner) {
    if (y.elements() > 0) {
      ReductionKernels.max(HostBuffer.of(x), HostBuffer.of(y), at(outer), at(reduced), at(inner));
    }
  }

  // ---------------------------------------------------------------- products

  @Override
  public void matmul(
      Precision precision, Buffer a, boolean transposeA, Buffer b, boolean transposeB, Buffer c,
      int batch, int m, int n, int k) {
    if (k == 0) {
      fill(c, 0);
    } else if (c.elements() > 0) {
      products.matmul(
          precision, HostBuffer.of(a), transposeA, HostBuffer.of(b), transposeB, HostBuffer.of(c),
          batch, m, n, k);
    }
  }

  @Override
  public void conv2d(Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y) {
    if (g.batch() > 0) {
      products.conv2d(
          precision, g, HostBuffer.of(x), HostBuffer.of(w), null, null, false, HostBuffer.of(y));
    }
  }

  @Override
  public void conv2dGradInput(
      Precision precision, Conv2dGeometry g, Buffer w, Buffer gradY, Buffer gradX) {
    if (g.inputElements() > 0) {
      products.conv2dGradInput(
          precision, g, HostBuffer.of(w), HostBuffer.of(gradY), HostBuffer.of(gradX));
    }
  }

  @Override
  public void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer gradY, Buffer gradW) {
    if (g.batch() > 0) {
      products.conv2dGradWeight(
          precision, g, HostBuffer.of(x), HostBuffer.of(gradY), HostBuffer.of(gradW));
    } else {
      fill(gradW, 0);
    }
  }

  @Override
  public void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer bias, Buffer residual,
      boolean relu, Buffer y) {
    if (g.batch() > 0) {
      products.conv2d(
          precision, g, HostBuffer.of(x), HostBuffer.of(w), HostBuffer.of(bias),
          HostBuffer.ofNullable(residual), relu, HostBuffer.of(y));
    }
  }

  // ---------------------------------------------------------------- pooling

  @Override
  public void maxPool2d(Pool2dGeometry g, Buffer x, Buffer y, Buffer winners) {
    MaxPoolKernels.max(g, HostBuffer.of(x), HostBuffer.of(y), HostBuffer.of(winners));
  }

  @Override
  public void select(Buffer x, Buffer winners, Buffer y) {
    IndexKernels.select(HostBuffer.of(x), HostBuffer.of(winners), HostBuffer.of(y));
  }

  @Override
  public void scatter(Buffer y, Buffer winners, Buffer x) {
    IndexKernels.scatter(HostBuffer.of(y), HostBuffer.of(winners), HostBuffer.of(x));
  }

  @Override
  public void avgPool2d(Pool2dGeometry g, Buffer x, Buffer y) {
    PoolKernels.average(g, HostBuffer.of(x), HostBuffer.of(y));
  }

  @Override
  public void avgPool2dGrad(Pool2dGeometry g, Buffer gradY, Buffer gradX) {
    PoolKernels.averageGrad(g, HostBuffer.of(gradY), HostBuffer.of(gradX));
  }

  // ---------------------------------------------------------------- central differences

  @Override
  public void stencilRelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    StencilKernels.relu(
        HostBuffer.of(s), HostBuffer.of(odd), HostBuffer.ofNullable(even),
        HostBuffer.of(oddY), HostBuffer.of(evenY));
  }

  @Override
  public void stencilGelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    StencilKernels.gelu(
        HostBuffer.of(s), HostBuffer.of(odd), HostBuffer.ofNullable(even),
        HostBuffer.of(oddY), HostBuffer.of(evenY));
  }

  @Override
  public void stencilSoftmax(
      Buffer p, Buffer odd, Buffer even, Buffer oddY, Buffer evenY, long rows, long columns) {
    if (columns > 0) {
      SoftmaxStencil.run(
          HostBuffer.of(p), HostBuffer.of(odd), HostBuffer.ofNullable(even), HostBuffer.of(oddY),
          HostBuffer.of(evenY), at(rows), at(columns));
    }
  }

  @Override
  public void stencilMaxPool2d(
      Pool2dGeometry g, Buffer s, Buffer odd, Buffer even, Buffer winners, Buffer oddY,
      Buffer evenY) {
    StencilKernels.maxPool2d(
        g, HostBuffer.of(s), HostBuffer.of(odd), HostBuffer.ofNullable(even),
        HostBuffer.of(winners), HostBuffer.of(oddY), HostBuffer.of(evenY));
  }

  @Override
  public void stencilGroupNorm(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, double epsilon, Buffer odd,
      Buffer even, Buffer oddY, Buffer evenY) {
    GroupNormStencil.run(
        g, HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gamma), epsilon,
        HostBuffer.of(odd), HostBuffer.ofNullable(even), HostBuffer.of(oddY),
        HostBuffer.of(evenY));
  }

  @Override
  public void stencilCrossEntropy(
      Buffer x, Buffer odd, Buffer even, Buffer labels, Buffer y, long rows, long columns) {
    StencilKernels.crossEntropy(
        HostBuffer.of(x), HostBuffer.of(odd), HostBuffer.ofNullable(even),
        HostBuffer.of(labels), HostBuffer.of(y), at(rows), at(columns));
  }

  // ---------------------------------------------------------------- dual numbers

  @Override
  public void unaryDual(UnaryOp op, Buffer x, Buffer dx, Buffer y, Buffer dy) {
    DualKernels.unary(
        op, HostBuffer.of(x), HostBuffer.of(dx), HostBuffer.of(y), HostBuffer.of(dy));
  }

  @Override
  public void unarySlope(UnaryOp op, Buffer z, Buffer t, Buffer y) {
    DualKernels.slope(op, HostBuffer.of(z), HostBuffer.of(t), HostBuffer.of(y));
  }

  @Override
  public void unarySlopeDual(
      UnaryOp op, Buffer z, Buffer dz, Buffer t, Buffer dt, Buffer y, Buffer dy) {
    DualKernels.slopeDual(
        op, HostBuffer.of(z), HostBuffer.of(dz), HostBuffer.of(t), HostBuffer.of(dt),
        HostBuffer.of(y), HostBuffer.of(dy));
  }

  @Override
  public void binaryDual(
      BinaryOp op, Buffer a, Buffer da, Buffer b, Buffer db, Buffer y, Buffer dy) {
    DualKernels.binary(
        op, HostBuffer.of(a), HostBuffer.of(da), HostBuffer.of(b), HostBuffer.of(db),
        HostBuffer.of(y), HostBuffer.of(dy));
  }

  @Override
  public void softmaxDual(Buffer x, Buffer dx, Buffer y, Buffer dy, long rows, long columns) {
    if (columns > 0) {
      SoftmaxKernels.dual(
          HostBuffer.of(x), HostBuffer.of(dx), HostBuffer.of(y), HostBuffer.of(dy), at(rows),
          at(columns));
    }
  }

  // ---------------------------------------------------------------- rows and softmax

  @Override
  public void gatherRows(Buffer table, Buffer index, Buffer y, long rows, long width) {
    if (rows * width > 0) {
      IndexKernels.gatherRows(
          HostBuffer.of(table), HostBuffer.of(index), HostBuffer.of(y), at(rows), at(width));
    }
  }

  @Override
  public void scatterAddRows(
      Buffer y, Buffer index, Buffer table, long rows, long tableRows, long width) {
    if (tableRows * width > 0) {
      IndexKernels.scatterAddRows(
          HostBuffer.of(y), HostBuffer.of(index), HostBuffer.of(table), at(rows), at(tableRows),
          at(width));
    }
  }

  @Override
  public void softmax(Buffer x, Buffer y, long rows, long columns) {
    if (columns > 0) {
      SoftmaxKernels.softmax(HostBuffer.of(x), HostBuffer.of(y), at(rows), at(columns));
    }
  }

  @Override
  public void logSumExp(Buffer x, Buffer y, long rows, long columns) {
    SoftmaxKernels.logSumExp(HostBuffer.of(x), HostBuffer.of(y), at(rows), at(columns));
  }

  @Override
  public void crossEntropy(Buffer x, Buffer labels, Buffer y, long rows, long columns) {
    SoftmaxKernels.crossEntropy(
        HostBuffer.of(x), HostBuffer.of(labels), HostBuffer.of(y), at(rows), at(columns));
  }

  @Override
  public void crossEntropyGrad(
      Buffer x, Buffer labels, Buffer weight, Buffer y, long rows, long columns) {
    SoftmaxKernels.crossEntropyGrad(
        HostBuffer.of(x), HostBuffer.of(labels), HostBuffer.of(weight), HostBuffer.of(y),
        at(rows), at(columns));
  }

  // ---------------------------------------------------------------- batch normalisation

  @Override
  public void batchNormStatistics(Buffer x, Buffer statistics, long rows, int channels) {
    if (rows == 0) {
      fill(statistics, Double.NaN);
    } else {
      norms(x).statistics(HostBuffer.of(x), HostBuffer.of(statistics), at(rows), channels);
    }
  }

  @Override
  public void batchNormApply(
      Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual, boolean relu,
      double epsilon, Buffer y, long rows, int channels) {
    if (y.elements() > 0) {
      norms(x).apply(
          HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gamma), HostBuffer.of(beta),
          HostBuffer.ofNullable(residual), relu, epsilon, HostBuffer.of(y),
          at(rows), channels);
    }
  }

  @Override
  public void batchNormSums(
      Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon, Buffer sums, long rows,
      int channels) {
    if (rows == 0) {
      fill(sums, 0);
    } else if (channels > 0) {
      norms(x).sums(
          HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gradY),
          HostBuffer.ofNullable(y), epsilon, HostBuffer.of(sums), at(rows), channels);
    }
  }

  @Override
  public void batchNormGradInput(
      Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y, Buffer sums,
      double epsilon, Buffer gradX, long rows, int channels) {
    if (gradX.elements() > 0) {
      norms(x).gradInput(
          HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gamma), HostBuffer.of(gradY),
          HostBuffer.ofNullable(y), HostBuffer.of(sums), epsilon, HostBuffer.of(gradX),
          at(rows), channels);
    }
  }

  /** What normalises images that are stored like these. */
  private BatchNormKernels norms(Buffer images) {
    return images.type() == DType.BF16 ? products.bf16() : floatNorms;
  }

  // ---------------------------------------------------------------- group normalisation

  @Override
  public void layerNorm(
      Buffer x, Buffer gamma, Buffer beta, double epsilon, Buffer y, long rows, long columns) {
    if (columns > 0) {
      LayerNormKernels.apply(
          HostBuffer.of(x), HostBuffer.ofNullable(gamma), HostBuffer.ofNullable(beta), epsilon,
          HostBuffer.of(y), at(rows), at(columns));
    }
  }

  @Override
  public void layerNormJacobian(
      Buffer x, Buffer before, Buffer after, Buffer t, double epsilon, Buffer y, long rows,
      long columns) {
    if (columns > 0) {
      LayerNormKernels.jacobian(
          HostBuffer.of(x), HostBuffer.ofNullable(before), HostBuffer.ofNullable(after),
          HostBuffer.of(t), epsilon, HostBuffer.of(y), at(rows), at(columns));
    }
  }

  @Override
  public void layerNormJacobianDual(
      Buffer x, Buffer dx, Buffer before, Buffer t, Buffer dt, double epsilon, Buffer y, Buffer dy,
      long rows, long columns) {
    if (columns > 0) {
      LayerNormKernels.jacobianDual(
          HostBuffer.of(x), HostBuffer.of(dx), HostBuffer.ofNullable(before), HostBuffer.of(t),
          HostBuffer.of(dt), epsilon, HostBuffer.of(y), HostBuffer.of(dy), at(rows), at(columns));
    }
  }

  @Override
  public void groupNormStatistics(GroupNormGeometry g, Buffer x, Buffer statistics) {
    GroupNormKernels.statistics(g, HostBuffer.of(x), HostBuffer.of(statistics));
  }

  @Override
  public void groupNormApply(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual,
      boolean relu, double epsilon, Buffer y) {
    GroupNormKernels.apply(
        g, HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gamma), HostBuffer.of(beta),
        HostBuffer.ofNullable(residual), relu, epsilon, HostBuffer.of(y));
  }

  @Override
  public void groupNormSums(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon,
      Buffer sums) {
    GroupNormKernels.sums(
        g, HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gradY),
        HostBuffer.ofNullable(y), epsilon, HostBuffer.of(sums));
  }

  @Override
  public void groupNormGradInput(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y,
      Buffer sums, double epsilon, Buffer gradX) {
    GroupNormKernels.gradInput(
        g, HostBuffer.of(x), HostBuffer.of(statistics), HostBuffer.of(gamma), HostBuffer.of(gradY),
        HostBuffer.ofNullable(y), HostBuffer.of(sums), epsilon, HostBuffer.of(gradX));
  }

  // ---------------------------------------------------------------- optimisation and the rest

  @Override
  public void sgd(
      List<Buffer> weights, List<Buffer> gradients, List<Buffer> velocities, double rate,
      double momentum, double weightDecay, boolean nesterov) {
    for (int i = 0; i < weights.size(); i++) {
      ElementwiseKernels.sgd(
          HostBuffer.of(weights.get(i)), HostBuffer.of(gradients.get(i)),
          HostBuffer.of(velocities.get(i)), (float) rate, (float) momentum, (float) weightDecay,
          nesterov);
    }
  }

  @Override
  public void rademacher(RandomSigns signs, Buffer y) {
    if (y.elements() > 0) {
      ImageKernels.rademacher(
          HostBuffer.of(signs.keys()), HostBuffer.of(signs.weights()), HostBuffer.of(y));
    }
  }

  @Override
  public void cropFlip(
      Buffer images, Buffer table, Buffer draws, Buffer y, int batch, int height, int width,
      int channels) {
    if (y.elements() > 0) {
      ImageKernels.cropFlip(
          HostBuffer.of(images), HostBuffer.of(table), HostBuffer.of(draws), HostBuffer.of(y),
          batch, height, width, channels);
    }
  }

  /** Every kernel is done when its call returns. */
  @Override
  public void synchronize() {
    // Nothing is ever outstanding.
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      products.close();
      memory.close();
    }
  }

  private static int at(long count) {
    return Math.toIntExact(count);
  }
}
