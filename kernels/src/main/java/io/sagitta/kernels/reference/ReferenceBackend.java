package io.sagitta.kernels.reference;

import static io.sagitta.kernels.reference.ReferenceBuffer.indices;
import static io.sagitta.kernels.reference.ReferenceBuffer.numbers;

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
 * The oracle: float64, one thread, plain loops. {@link Precision#FP32} is asked of it as a least
 * precision and gets float64; other precisions are not supported. Fresh buffers hold NaN, so that a
 * result that depends on unwritten memory shows.
 *
 * <p>{@link #onAllCores} is the oracle for whole networks: its convolutions, their gradients and
 * matrix products are computed in another order, some thirty times faster. It is tested against the
 * oracle like any other backend, so the plain loops stay as plain as they are.
 */
public final class ReferenceBackend implements Backend {
  private final ReferenceMemory memory = new ReferenceMemory();
  private final boolean fast;

  /** The plain loops, with no memory in use. */
  public ReferenceBackend() {
    this(false);
  }

  private ReferenceBackend(boolean fast) {
    this.fast = fast;
  }

  /** Float64 at a speed at which networks can be scored; results agree to float64's rounding. */
  public static ReferenceBackend onAllCores() {
    return new ReferenceBackend(true);
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return fast
        ? "Java loops in float64, products on all cores"
        : "plain Java loops in float64, one thread";
  }

  @Override
  public DType dtype() {
    return DType.F64;
  }

  @Override
  public boolean supports(Precision precision) {
    return precision == Precision.FP32;
  }

  @Override
  public Buffer allocate(DType type, long elements) {
    return memory.take(type, elements);
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
    ReferenceBuffer t = numbers(target);
    for (int i = 0; i < count; i++) {
      t.set(targetOffset + i, source[sourceOffset + i]);
    }
  }

  @Override
  public void upload(
      double[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    ReferenceBuffer t = numbers(target);
    for (int i = 0; i < count; i++) {
      t.set(targetOffset + i, source[sourceOffset + i]);
    }
  }

  @Override
  public void upload(int[] source, int sourceOffset, Buffer target, long targetOffset, int count) {
    ReferenceBuffer t = indices(target);
    for (int i = 0; i < count; i++) {
      t.setIndex(targetOffset + i, source[sourceOffset + i]);
    }
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, float[] target, int targetOffset, int count) {
    ReferenceBuffer s = numbers(source);
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = (float) s.get(sourceOffset + i);
    }
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, double[] target, int targetOffset, int count) {
    ReferenceBuffer s = numbers(source);
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = s.get(sourceOffset + i);
    }
  }

  @Override
  public void download(
      Buffer source, long sourceOffset, int[] target, int targetOffset, int count) {
    ReferenceBuffer s = indices(source);
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = s.index(sourceOffset + i);
    }
  }

  @Override
  public void fill(Buffer y, double value) {
    numbers(y).fill(value);
  }

  @Override
  public void unary(UnaryOp op, Buffer x, Buffer y) {
    ElementLoops.unary(op, numbers(x), numbers(y));
  }

  @Override
  public void affine(Buffer x, double scale, double shift, Buffer y) {
    ElementLoops.affine(numbers(x), scale, shift, numbers(y));
  }

  @Override
  public void binary(BinaryOp op, Buffer a, Buffer b, Buffer y) {
    ElementLoops.binary(op, numbers(a), numbers(b), numbers(y));
  }

  @Override
  public void binary(
      BinaryOp op, Buffer a, long[] aStrides, Buffer b, long[] bStrides, Buffer y, long[] shape) {
    ElementLoops.binary(op, numbers(a), aStrides, numbers(b), bStrides, numbers(y), shape);
  }

  @Override
  public void accumulate(Buffer x, double scale, Buffer y) {
    ElementLoops.accumulate(numbers(x), scale, numbers(y));
  }

  @Override
  public void copy(
      Buffer source, long sourceOffset, long[] sourceStrides,
      Buffer target, long targetOffset, long[] targetStrides, long[] shape) {
    ElementLoops.copy(
        numbers(source), sourceOffset, sourceStrides,
        numbers(target), targetOffset, targetStrides, shape);
  }

  @Override
  public void sum(Buffer x, Buffer y, long outer, long reduced, long inner) {
    RowLoops.sum(numbers(x), numbers(y), outer, reduced, inner);
  }

  @Override
  public void max(Buffer x, Buffer y, long outer, long reduced, long inner) {
    RowLoops.max(numbers(x), numbers(y), outer, reduced, inner);
  }

  @Override
  public void matmul(
      Precision precision, Buffer a, boolean transposeA, Buffer b, boolean transposeB, Buffer c,
      int batch, int m, int n, int k) {
    check(precision);
    if (fast) {
      FastProducts.matmul(
          numbers(a), transposeA, numbers(b), transposeB, numbers(c), batch, m, n, k);
    } else {
      ProductLoops.matmul(
          numbers(a), transposeA, numbers(b), transposeB, numbers(c), batch, m, n, k);
    }
  }

  @Override
  public void conv2d(Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y) {
    check(precision);
    if (fast) {
      FastProducts.conv2d(g, numbers(x), numbers(w), numbers(y));
    } else {
      ProductLoops.conv2d(g, numbers(x), numbers(w), numbers(y));
    }
  }

  @Override
  public void conv2dGradInput(
      Precision precision, Conv2dGeometry g, Buffer w, Buffer gradY, Buffer gradX) {
    check(precision);
    if (fast) {
      FastProducts.conv2dGradInput(g, numbers(w), numbers(gradY), numbers(gradX));
    } else {
      ProductLoops.conv2dGradInput(g, numbers(w), numbers(gradY), numbers(gradX));
    }
  }

  @Override
  public void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer gradY, Buffer gradW) {
    check(precision);
    if (fast) {
      FastProducts.conv2dGradWeight(g, numbers(x), numbers(gradY), numbers(gradW));
    } else {
      ProductLoops.conv2dGradWeight(g, numbers(x), numbers(gradY), numbers(gradW));
    }
  }

  @Override
  public void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer bias, Buffer residual,
      boolean relu, Buffer y) {
    conv2d(precision, g, x, w, y);
    ProductLoops.biasAct(numbers(bias), optional(residual), relu, numbers(y));
  }

  @Override
  public void maxPool2d(Pool2dGeometry g, Buffer x, Buffer y, Buffer winners) {
    PoolLoops.maxPool2d(g, numbers(x), numbers(y), indices(winners));
  }

  @Override
  public void select(Buffer x, Buffer winners, Buffer y) {
    PoolLoops.select(numbers(x), indices(winners), numbers(y));
  }

  @Override
  public void scatter(Buffer y, Buffer winners, Buffer x) {
    PoolLoops.scatter(numbers(y), indices(winners), numbers(x));
  }

  @Override
  public void avgPool2d(Pool2dGeometry g, Buffer x, Buffer y) {
    PoolLoops.avgPool2d(g, numbers(x), numbers(y));
  }

  @Override
  public void avgPool2dGrad(Pool2dGeometry g, Buffer gradY, Buffer gradX) {
    PoolLoops.avgPool2dGrad(g, numbers(gradY), numbers(gradX));
  }

  @Override
  public void stencilRelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    StencilLoops.relu(numbers(s), numbers(odd), optional(even), numbers(oddY), numbers(evenY));
  }

  @Override
  public void stencilGelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY) {
    Gelu.stencil(numbers(s), numbers(odd), optional(even), numbers(oddY), numbers(evenY));
  }

  @Override
  public void stencilSoftmax(
      Buffer p, Buffer odd, Buffer even, Buffer oddY, Buffer evenY, long rows, long columns) {
    StencilLoops.softmax(
        numbers(p), numbers(odd), optional(even), numbers(oddY), numbers(evenY), rows, columns);
  }

  @Override
  public void stencilMaxPool2d(
      Pool2dGeometry g, Buffer s, Buffer odd, Buffer even, Buffer winners, Buffer oddY,
      Buffer evenY) {
    StencilLoops.maxPool2d(
        g, numbers(s), numbers(odd), optional(even), indices(winners), numbers(oddY),
        numbers(evenY));
  }

  @Override
  public void stencilGroupNorm(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, double epsilon, Buffer odd,
      Buffer even, Buffer oddY, Buffer evenY) {
    GroupNormStencil.run(
        g, numbers(x), numbers(statistics), numbers(gamma), epsilon, numbers(odd), optional(even),
        numbers(oddY), numbers(evenY));
  }

  @Override
  public void stencilCrossEntropy(
      Buffer x, Buffer odd, Buffer even, Buffer labels, Buffer y, long rows, long columns) {
    StencilLoops.crossEntropy(
        numbers(x), numbers(odd), optional(even), indices(labels), numbers(y), rows, columns);
  }

  @Override
  public void unaryDual(UnaryOp op, Buffer x, Buffer dx, Buffer y, Buffer dy) {
    DualLoops.unary(op, numbers(x), numbers(dx), numbers(y), numbers(dy));
  }

  @Override
  public void unarySlope(UnaryOp op, Buffer z, Buffer t, Buffer y) {
    DualLoops.slope(op, numbers(z), numbers(t), numbers(y));
  }

  @Override
  public void unarySlopeDual(
      UnaryOp op, Buffer z, Buffer dz, Buffer t, Buffer dt, Buffer y, Buffer dy) {
    DualLoops.slope(
        op, numbers(z), numbers(dz), numbers(t), numbers(dt), numbers(y), numbers(dy));
  }

  @Override
  public void binaryDual(
      BinaryOp op, Buffer a, Buffer da, Buffer b, Buffer db, Buffer y, Buffer dy) {
    DualLoops.binary(
        op, numbers(a), numbers(da), numbers(b), numbers(db), numbers(y), numbers(dy));
  }

  @Override
  public void softmaxDual(Buffer x, Buffer dx, Buffer y, Buffer dy, long rows, long columns) {
    RowLoops.softmax(numbers(x), numbers(y), rows, columns);
    DualLoops.softmax(numbers(y), numbers(dx), numbers(dy), rows, columns);
  }

  @Override
  public void gatherRows(Buffer table, Buffer index, Buffer y, long rows, long width) {
    RowLoops.gatherRows(numbers(table), indices(index), numbers(y), rows, width);
  }

  @Override
  public void scatterAddRows(
      Buffer y, Buffer index, Buffer table, long rows, long tableRows, long width) {
    RowLoops.scatterAddRows(numbers(y), indices(index), numbers(table), rows, tableRows, width);
  }

  @Override
  public void softmax(Buffer x, Buffer y, long rows, long columns) {
    RowLoops.softmax(numbers(x), numbers(y), rows, columns);
  }

  @Override
  public void logSumExp(Buffer x, Buffer y, long rows, long columns) {
    RowLoops.logSumExp(numbers(x), numbers(y), rows, columns);
  }

  @Override
  public void crossEntropy(Buffer x, Buffer labels, Buffer y, long rows, long columns) {
    RowLoops.crossEntropy(numbers(x), indices(labels), numbers(y), rows, columns);
  }

  @Override
  public void crossEntropyGrad(
      Buffer x, Buffer labels, Buffer weight, Buffer y, long rows, long columns) {
    RowLoops.crossEntropyGrad(
        numbers(x), indices(labels), numbers(weight), numbers(y), rows, columns);
  }

  @Override
  public void batchNormStatistics(Buffer x, Buffer statistics, long rows, int channels) {
    NormLoops.statistics(numbers(x), numbers(statistics), rows, channels);
  }

  @Override
  public void batchNormApply(
      Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual, boolean relu,
      double epsilon, Buffer y, long rows, int channels) {
    NormLoops.apply(
        numbers(x), numbers(statistics), numbers(gamma), numbers(beta), optional(residual), relu,
        epsilon, numbers(y), rows, channels);
  }

  @Override
  public void batchNormSums(
      Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon, Buffer sums, long rows,
      int channels) {
    NormLoops.sums(
        numbers(x), numbers(statistics), numbers(gradY), optional(y), epsilon, numbers(sums), rows,
        channels);
  }

  @Override
  public void batchNormGradInput(
      Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y, Buffer sums,
      double epsilon, Buffer gradX, long rows, int channels) {
    NormLoops.gradInput(
        numbers(x), numbers(statistics), numbers(gamma), numbers(gradY), optional(y),
        numbers(sums), epsilon, numbers(gradX), rows, channels);
  }

  @Override
  public void layerNorm(
      Buffer x, Buffer gamma, Buffer beta, double epsilon, Buffer y, long rows, long columns) {
    LayerNormLoops.apply(
        numbers(x), optional(gamma), optional(beta), epsilon, numbers(y), rows, columns);
  }

  @Override
  public void layerNormJacobian(
      Buffer x, Buffer before, Buffer after, Buffer t, double epsilon, Buffer y, long rows,
      long columns) {
    LayerNormLoops.jacobian(
        numbers(x), optional(before), optional(after), numbers(t), epsilon, numbers(y), rows,
        columns);
  }

  @Override
  public void layerNormJacobianDual(
      Buffer x, Buffer dx, Buffer before, Buffer t, Buffer dt, double epsilon, Buffer y, Buffer dy,
      long rows, long columns) {
    LayerNormLoops.jacobianDual(
        numbers(x), numbers(dx), optional(before), numbers(t), numbers(dt), epsilon, numbers(y),
        numbers(dy), rows, columns);
  }

  @Override
  public void groupNormStatistics(GroupNormGeometry g, Buffer x, Buffer statistics) {
    GroupNormLoops.statistics(g, numbers(x), numbers(statistics));
  }

  @Override
  public void groupNormApply(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual,
      boolean relu, double epsilon, Buffer y) {
    GroupNormLoops.apply(
        g, numbers(x), numbers(statistics), numbers(gamma), numbers(beta), optional(residual),
        relu, epsilon, numbers(y));
  }

  @Override
  public void groupNormSums(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon,
      Buffer sums) {
    GroupNormLoops.sums(
        g, numbers(x), numbers(statistics), numbers(gradY), optional(y), epsilon, numbers(sums));
  }

  @Override
  public void groupNormGradInput(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y,
      Buffer sums, double epsilon, Buffer gradX) {
    GroupNormLoops.gradInput(
        g, numbers(x), numbers(statistics), numbers(gamma), numbers(gradY), optional(y),
        numbers(sums), epsilon, numbers(gradX));
  }

  @Override
  public void sgd(
      List<Buffer> weights, List<Buffer> gradients, List<Buffer> velocities, double rate,
      double momentum, double weightDecay, boolean nesterov) {
    for (int i = 0; i < weights.size(); i++) {
      ElementLoops.sgd(
          numbers(weights.get(i)), numbers(gradients.get(i)), numbers(velocities.get(i)), rate,
          momentum, weightDecay, nesterov);
    }
  }

  @Override
  public void rademacher(RandomSigns signs, Buffer y) {
    ImageLoops.rademacher(indices(signs.keys()), numbers(signs.weights()), numbers(y));
  }

  @Override
  public void cropFlip(
      Buffer images, Buffer table, Buffer draws, Buffer y, int batch, int height, int width,
      int channels) {
    ImageLoops.cropFlip(
        indices(images), numbers(table), indices(draws), numbers(y), batch, height, width,
        channels);
  }

  /** Does nothing: every kernel is done when its method returns. */
  @Override
  public void synchronize() {}

  @Override
  public void close() {
    memory.close();
  }

  private static ReferenceBuffer optional(Buffer buffer) {
    return buffer == null ? null : numbers(buffer);
  }

  private void check(Precision precision) {
    if (!supports(precision)) {
      throw new IllegalArgumentException(
          "reference: precision: expected FP32, got " + precision + ", which is not supported");
    }
  }
}
