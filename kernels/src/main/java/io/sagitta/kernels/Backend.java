package io.sagitta.kernels;

import java.util.List;

/**
 * The flat set of primitive kernels of one device. Shapes are explicit and arguments are taken as
 * checked: the engine validates, a backend computes. All arrays are row-major and contiguous,
 * images are NHWC. Outputs are overwritten unless a method says that it adds. An output may be the
 * same buffer as an input only where a method allows it. Reductions are deterministic: the same
 * inputs give the same bits on the same device.
 *
 * <p>Floating-point buffers have the backend's {@link #dtype}; indices are {@link DType#I32}. A
 * backend may be used by several threads at once, each on its own buffers.
 *
 * <p>A backend that {@linkplain #storesBf16() stores bfloat16} takes buffers of {@link DType#BF16} too,
 * for the images of some operations: x, y, residuals and the gradients of these, all that one call is
 * given or none. The operations are convolutions in {@link Precision#BF16}, batch normalisation,
 * {@link #maxPool2d} with {@link #select} and {@link #scatter}, {@link #binary} of equal lengths where
 * it adds or masks, and the parts of {@link #stencilRelu}; weights, statistics and sums keep the
 * backend's type. They compute as they do otherwise and round what they store, to nearest, ties to
 * even; statistics are those of the numbers stored. {@link #cast} converts. Every other operation
 * refuses such buffers.
 */
public interface Backend extends AutoCloseable {
  // ---------------------------------------------------------------- identity and memory

  /** A short name such as {@code host}. */
  String name();

  /** One line on what this backend computes with: processor, instruction set, libraries. */
  String description();

  /** The type of floating-point elements. */
  DType dtype();

  /**
   * Whether convolutions and products may be asked for in this precision; asking for another throws
   * an {@link IllegalArgumentException} that names it.
   */
  boolean supports(Precision precision);

  /** Whether images may be buffers of {@link DType#BF16}. */
  default boolean storesBf16() {
    return false;
  }

  /**
   * Whether the parts of central differences in {@link Precision#BF16} are better stored so too: where
   * memory's bandwidth counts for more than another rounding of each and what it takes to convert them.
   */
  default boolean storesDifferencesAsBf16() {
    return false;
  }

  /**
   * Memory with undefined contents and one hold.
   *
   * @throws OutOfMemoryError if the memory is not there; the message says what was asked and what
   *     is in use
   */
  Buffer allocate(DType type, long elements);

  /** Bytes in live buffers. */
  long liveBytes();

  /** The greatest {@link #liveBytes} since the last {@link #resetPeak}. */
  long peakBytes();

  /** Starts a new measurement of {@link #peakBytes}. */
  void resetPeak();

  /**
   * Bytes that could still be allocated in a device's own memory, at this moment; 0 where a backend
   * computes in the host's, so that data kept there would only be there twice.
   */
  long freeDeviceBytes();

  /**
   * How many samples to give a network at once so that this is kept busy and they fit in memory: the
   * same number each time on one kind of device.
   *
   * @param least what keeps a processor's cores busy
   * @param numbers of a sample
   */
  default int samplesAtOnce(int least, long numbers) {
    return least;
  }

  /** How much of the memory that this computes in is in use; the host's unless it has its own. */
  default MemoryUse memoryUse() {
    return MemoryUse.ofProcess();
  }

  /** Copies {@code count} numbers in, rounding to the backend's type. */
  void upload(float[] source, int sourceOffset, Buffer target, long targetOffset, int count);

  /** Copies {@code count} numbers in, rounding to the backend's type. */
  void upload(double[] source, int sourceOffset, Buffer target, long targetOffset, int count);

  /** Copies indices into an {@link DType#I32} buffer. */
  void upload(int[] source, int sourceOffset, Buffer target, long targetOffset, int count);

  /** Copies {@code count} numbers out. */
  void download(Buffer source, long sourceOffset, float[] target, int targetOffset, int count);

  /** Copies {@code count} numbers out. */
  void download(Buffer source, long sourceOffset, double[] target, int targetOffset, int count);

  /** Copies indices out of an {@link DType#I32} buffer. */
  void download(Buffer source, long sourceOffset, int[] target, int targetOffset, int count);

  // ---------------------------------------------------------------- elementwise

  /** y = value everywhere. */
  void fill(Buffer y, double value);

  /** y = op(x); y may be x. */
  void unary(UnaryOp op, Buffer x, Buffer y);

  /** y = scale·x + shift; y may be x. */
  void affine(Buffer x, double scale, double shift, Buffer y);

  /** y = op(a, b), all of one length; y may be a or b. */
  void binary(BinaryOp op, Buffer a, Buffer b, Buffer y);

  /**
   * y = op(a, b) with broadcasting.
   *
   * @param shape the shape of y, at most 8 axes
   * @param aStrides elements between neighbours of a along each axis; 0 repeats
   * @param bStrides the same for b
   */
  void binary(
      BinaryOp op, Buffer a, long[] aStrides, Buffer b, long[] bStrides, Buffer y, long[] shape);

  /** y += scale·x. */
  void accumulate(Buffer x, double scale, Buffer y);

  /**
   * Copies a box of elements: {@code target[targetOffset + Σ iₖ·targetStridesₖ] =
   * source[sourceOffset + Σ iₖ·sourceStridesₖ]} for every index i in {@code shape}. Strides are in
   * elements and may be negative or, in the source, zero. Transposes, slices, concatenations,
   * padding, flips and broadcasts are all this.
   */
  void copy(
      Buffer source, long sourceOffset, long[] sourceStrides,
      Buffer target, long targetOffset, long[] targetStrides, long[] shape);

  /**
   * y = x, of which one is {@link DType#BF16} and the other has the backend's type; rounds to nearest,
   * ties to even, and keeps what is not a number.
   *
   * @throws UnsupportedOperationException if this does not {@linkplain #storesBf16() store} bfloat16
   */
  default void cast(Buffer x, Buffer y) {
    throw new UnsupportedOperationException(
        name() + ": expected a backend that stores bfloat16, to cast " + x.type() + " to "
            + y.type());
  }

  // ---------------------------------------------------------------- reductions

  /**
   * y[o, i] = Σᵣ x[o, r, i]. Sums are carried in float64 or by blocks, so that error stays small.
   */
  void sum(Buffer x, Buffer y, long outer, long reduced, long inner);

  /** y[o, i] = maxᵣ x[o, r, i]; reduced ≥ 1; a NaN wins. */
  void max(Buffer x, Buffer y, long outer, long reduced, long inner);

  // ---------------------------------------------------------------- products

  /**
   * c[b] = op(a[b]) · op(b[b]) for each of {@code batch} matrices, op a transpose where asked.
   * op(a) is m×k, op(b) is k×n, c is m×n.
   */
  void matmul(
      Precision precision, Buffer a, boolean transposeA, Buffer b, boolean transposeB, Buffer c,
      int batch, int m, int n, int k);

  /** y = x ⋆ w. See {@link Conv2dGeometry} for the shapes. */
  void conv2d(Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y);

  /** The adjoint of {@link #conv2d} in x: the input gradient from the output gradient. */
  void conv2dGradInput(Precision precision, Conv2dGeometry g, Buffer w, Buffer gradY, Buffer gradX);

  /** The adjoint of {@link #conv2d} in w: the weight gradient from the output gradient. */
  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer gradY, Buffer gradW);

  /**
   * y = act(x ⋆ w + bias + residual) in one pass over y, act nothing or a rectifier, which may make
   * zero of what is not a number.
   *
   * @param bias [outChannels]
   * @param residual the shape of y, or null for none
   */
  void conv2dBiasAct(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer bias, Buffer residual,
      boolean relu, Buffer y);

  // ---------------------------------------------------------------- pooling

  /**
   * The maximum of each window, and the place in the input image batch (a flat NHWC element index)
   * of the first maximum in row-major order; a NaN wins.
   */
  void maxPool2d(Pool2dGeometry g, Buffer x, Buffer y, Buffer winners);

  /** y[i] = x[winners[i]]: what {@link #maxPool2d} does to a tangent. */
  void select(Buffer x, Buffer winners, Buffer y);

  /** x = 0, then x[winners[i]] += y[i]: the adjoint of {@link #select}. */
  void scatter(Buffer y, Buffer winners, Buffer x);

  /** The mean of each window, padding counted as zeros. */
  void avgPool2d(Pool2dGeometry g, Buffer x, Buffer y);

  /** The adjoint of {@link #avgPool2d}. */
  void avgPool2dGrad(Pool2dGeometry g, Buffer gradY, Buffer gradX);

  // ---------------------------------------------------------------- central differences

  /**
   * How max(s, 0) changes over the three points of a central difference, from how s does: with
   * {@code odd = (s(x+d) − s(x−d))/2} and {@code even = s(x+d) + s(x−d) − 2s(x)}, the same two parts
   * of max(s, 0), by case analysis instead of subtraction, so that nothing cancels. A NaN stays one.
   *
   * @param s of the backend's type
   * @param odd it and the other parts are of one type, which may be {@link DType#BF16}
   * @param even null for zeros
   * @param oddY may be {@code odd}
   * @param evenY may be {@code even}
   */
  void stencilRelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY);

  /**
   * The same for {@link UnaryOp#GELU}, by a series of the differences instead of case analysis.
   *
   * @param even null for zeros
   * @param oddY may be {@code odd}
   * @param evenY may be {@code even}
   */
  void stencilGelu(Buffer s, Buffer odd, Buffer even, Buffer oddY, Buffer evenY);

  /**
   * The same for {@link #softmax}: with α = expm1(even/2 + odd), β = expm1(even/2 − odd) and their means A
   * = ⟨p, α⟩, B = ⟨p, β⟩ over the row, half the difference and the sum of p(α − A)/(1 + A) and p(β − B)/(1 +
   * B), without cancellation.
   *
   * @param p the softmax at x, [rows, columns]
   * @param even null for zeros
   * @param oddY another buffer than {@code odd}, as {@code evenY} than {@code even}
   */
  void stencilSoftmax(
      Buffer p, Buffer odd, Buffer even, Buffer oddY, Buffer evenY, long rows, long columns);

  /**
   * The same for {@link #maxPool2d}: a NaN in any of the three wins.
   *
   * @param s the shape of the pooled images, and so are {@code odd} and {@code even}
   * @param even null for zeros
   * @param winners what {@link #maxPool2d} says of {@code s}
   * @param oddY the shape of the maxima, and so is {@code evenY}
   */
  void stencilMaxPool2d(
      Pool2dGeometry g, Buffer s, Buffer odd, Buffer even, Buffer winners, Buffer oddY,
      Buffer evenY);

  /**
   * The same for the normalisation by groups, y = (x − mean)/√(variance + epsilon)·gamma, mean and
   * variance those of x at each of the three points. A group with a NaN becomes NaN.
   *
   * @param x [samples, rows, channels], and so are {@code odd}, {@code even} and the results
   * @param statistics what {@link #groupNormStatistics} says of {@code x}
   * @param gamma [channels]
   * @param even null for zeros
   */
  void stencilGroupNorm(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, double epsilon, Buffer odd,
      Buffer even, Buffer oddY, Buffer evenY);

  /**
   * ℓ(x+d) + ℓ(x−d) − 2ℓ(x) of the {@link #crossEntropy} ℓ of each row, from how the logits x change:
   * with p = softmax(x[r]), {@code log1p(Σ p·expm1(even/2 + odd)) + log1p(Σ p·expm1(even/2 − odd)) −
   * even[r, labels[r]]}, in float64, so that no digit of the differences is lost.
   *
   * @param even null for zeros
   * @param y [rows, 2]: the nearest number of the backend's type, and what is left of the result
   */
  void stencilCrossEntropy(
      Buffer x, Buffer odd, Buffer even, Buffer labels, Buffer y, long rows, long columns);

  // ---------------------------------------------------------------- dual numbers

  /**
   * y = op(x) and its derivative along dx, dy = op′(x)·dx, in one pass.
   *
   * @param op one that {@linkplain UnaryOp#isSmooth() is smooth}
   */
  void unaryDual(UnaryOp op, Buffer x, Buffer dx, Buffer y, Buffer dy);

  /**
   * y = op′·t.
   *
   * @param op one that is smooth
   * @param z what op′ is read from: the value op(x), or x where {@link UnaryOp#slopeReadsArgument}
   */
  void unarySlope(UnaryOp op, Buffer z, Buffer t, Buffer y);

  /** {@link #unarySlope} and its derivative along dz and dt, in one pass. */
  void unarySlopeDual(
      UnaryOp op, Buffer z, Buffer dz, Buffer t, Buffer dt, Buffer y, Buffer dy);

  /**
   * y = op(a, b) and its derivative along da and db, in one pass.
   *
   * @param op {@link BinaryOp#MUL} or {@link BinaryOp#DIV}
   */
  void binaryDual(BinaryOp op, Buffer a, Buffer da, Buffer b, Buffer db, Buffer y, Buffer dy);

  /** y[r] = softmax(x[r]) and its derivative along dx, dy[r] = y[r]∘(dx[r] − ⟨y[r], dx[r]⟩). */
  void softmaxDual(Buffer x, Buffer dx, Buffer y, Buffer dy, long rows, long columns);

  // ---------------------------------------------------------------- rows and indices

  /** y[r] = table[index[r]] for rows of {@code width} elements. */
  void gatherRows(Buffer table, Buffer index, Buffer y, long rows, long width);

  /** table = 0, then table[index[r]] += y[r], in the order of r. */
  void scatterAddRows(Buffer y, Buffer index, Buffer table, long rows, long tableRows, long width);

  // ---------------------------------------------------------------- softmax

  /** y[r] = softmax(x[r]) over rows of {@code columns}; y may be x. */
  void softmax(Buffer x, Buffer y, long rows, long columns);

  /** y[r] = log Σ exp x[r], stable. */
  void logSumExp(Buffer x, Buffer y, long rows, long columns);

  /** y[r] = logSumExp(x[r]) − x[r, labels[r]]: the cross-entropy of each sample. */
  void crossEntropy(Buffer x, Buffer labels, Buffer y, long rows, long columns);

  /**
   * y[r] = weight[r]·(softmax(x[r]) − onehot(labels[r])): the gradient of {@link #crossEntropy}.
   */
  void crossEntropyGrad(
      Buffer x, Buffer labels, Buffer weight, Buffer y, long rows, long columns);

  // ---------------------------------------------------------------- batch normalisation

  /**
   * Mean and biased variance of each channel.
   *
   * @param x [rows, channels]
   * @param statistics [2, channels]: means, then variances
   */
  void batchNormStatistics(Buffer x, Buffer statistics, long rows, int channels);

  /**
   * Moves running statistics towards a batch's: runningMean = (1 − share)·runningMean + share·mean,
   * and the same of variances, the batch's times {@code unbiased}. All are of one length.
   */
  default void moveStatistics(
      Buffer mean, Buffer variance, double share, double unbiased, Buffer runningMean,
      Buffer runningVariance) {
    affine(runningMean, 1 - share, 0, runningMean);
    accumulate(mean, share, runningMean);
    affine(runningVariance, 1 - share, 0, runningVariance);
    accumulate(variance, share * unbiased, runningVariance);
  }

  /**
   * y = act((x − mean)/√(variance + epsilon)·gamma + beta + residual).
   *
   * @param residual the shape of x, or null
   */
  void batchNormApply(
      Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual, boolean relu,
      double epsilon, Buffer y, long rows, int channels);

  /**
   * Sums of the backward pass, with g = gradY, or gradY·1[y &gt; 0] where the output y of a
   * rectifier is given: {@code sums[0] = Σ g} and {@code sums[1] = Σ g·x̂}, x̂ the normalised x.
   *
   * @param y the rectified output, nowhere negative, or null
   * @param sums [2, channels]
   */
  void batchNormSums(
      Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon, Buffer sums, long rows,
      int channels);

  /**
   * gradX = gamma/√(variance + epsilon)·(g − sums[0]/rows − x̂·sums[1]/rows), with g and x̂ as in
   * {@link #batchNormSums}.
   */
  void batchNormGradInput(
      Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y, Buffer sums,
      double epsilon, Buffer gradX, long rows, int channels);

  // ---------------------------------------------------------------- layer normalisation

  /**
   * y = x̂·gamma + beta with x̂ = (x − mean)/√(variance + epsilon), mean and biased variance those of x's
   * row.
   *
   * @param gamma [columns], and so is {@code beta}; both null for x̂ itself
   */
  void layerNorm(
      Buffer x, Buffer gamma, Buffer beta, double epsilon, Buffer y, long rows, long columns);

  /**
   * The Jacobian J of x̂, row by row, between two scalings: {@code y = after·J(before·t)} with {@code
   * J·u = (u − mean(u) − x̂·mean(x̂·u))/√(variance + epsilon)}. It is symmetric.
   *
   * @param before [columns], or null for ones, and so is {@code after}
   */
  void layerNormJacobian(
      Buffer x, Buffer before, Buffer after, Buffer t, double epsilon, Buffer y, long rows,
      long columns);

  /** {@link #layerNormJacobian} without {@code after}, and its derivative along dx and dt, in one pass. */
  void layerNormJacobianDual(
      Buffer x, Buffer dx, Buffer before, Buffer t, Buffer dt, double epsilon, Buffer y, Buffer dy,
      long rows, long columns);

  // ---------------------------------------------------------------- group normalisation

  /**
   * Mean and biased variance of each group of each sample.
   *
   * @param statistics [samples, 2, groups]: means, then variances
   */
  void groupNormStatistics(GroupNormGeometry g, Buffer x, Buffer statistics);

  /**
   * y = act((x − mean)/√(variance + epsilon)·gamma + beta + residual).
   *
   * @param gamma [channels], and so is {@code beta}
   * @param residual the shape of x, or null
   */
  void groupNormApply(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer beta, Buffer residual,
      boolean relu, double epsilon, Buffer y);

  /**
   * Sums of the backward pass over each sample's pixels, which are its gradients in beta and gamma:
   * {@code sums[n, 0] = Σ g} and {@code sums[n, 1] = Σ g·x̂}, with g and x̂ as in {@link
   * #batchNormSums}.
   *
   * @param y the rectified output, nowhere negative, or null
   * @param sums [samples, 2, channels]
   */
  void groupNormSums(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gradY, Buffer y, double epsilon,
      Buffer sums);

  /**
   * gradX = (gamma·g − a − x̂·b)/√(variance + epsilon), a and b the means of gamma·g and gamma·g·x̂
   * over the group, which {@code sums} has.
   */
  void groupNormGradInput(
      GroupNormGeometry g, Buffer x, Buffer statistics, Buffer gamma, Buffer gradY, Buffer y,
      Buffer sums, double epsilon, Buffer gradX);

  // ---------------------------------------------------------------- convolutions and normalisation

  /**
   * Whether the operations of this section save passes over memory. Where they do not, they do one
   * thing after the other, as the separate operations would.
   */
  default boolean fusesNormalization() {
    return false;
  }

  /**
   * y = x ⋆ w, and each channel's mean and biased variance of y.
   *
   * @param statistics [2, outChannels]: means, then variances
   */
  default void conv2dStatistics(
      Precision precision, Conv2dGeometry g, Buffer x, Buffer w, Buffer y, Buffer statistics) {
    conv2d(precision, g, x, w, y);
    batchNormStatistics(y, statistics, g.outputElements() / g.outChannels(), g.outChannels());
  }

  /** As {@link #conv2dStatistics}, of x normalised and rectified; padding stays zero. */
  default void normReluConv2d(
      Precision precision, Conv2dGeometry g, Buffer x, NormRelu norm, Buffer w, Buffer y,
      Buffer statistics) {
    Buffer activation = apply(norm, x, g.inputElements() / g.inChannels(), g.inChannels());
    try {
      conv2dStatistics(precision, g, activation, w, y, statistics);
    } finally {
      activation.release();
    }
  }

  /** {@link #conv2dGradWeight} of x normalised and rectified. */
  default void normReluConv2dGradWeight(
      Precision precision, Conv2dGeometry g, Buffer x, NormRelu norm, Buffer gradY, Buffer gradW) {
    Buffer activation = apply(norm, x, g.inputElements() / g.inChannels(), g.inChannels());
    try {
      conv2dGradWeight(precision, g, activation, gradY, gradW);
    } finally {
      activation.release();
    }
  }

  /** {@link #batchNormSums} where the rectifier's output was not kept. */
  default void normReluSums(
      Buffer x, NormRelu norm, Buffer gradY, Buffer sums, long rows, int channels) {
    Buffer y = apply(norm, x, rows, channels);
    try {
      batchNormSums(x, norm.statistics(), gradY, y, norm.epsilon(), sums, rows, channels);
    } finally {
      y.release();
    }
  }

  /** {@link #batchNormGradInput} where the rectifier's output was not kept. */
  default void normReluGradInput(
      Buffer x, NormRelu norm, Buffer gradY, Buffer sums, Buffer gradX, long rows, int channels) {
    Buffer y = apply(norm, x, rows, channels);
    try {
      batchNormGradInput(
          x, norm.statistics(), norm.gamma(), gradY, y, sums, norm.epsilon(), gradX, rows,
          channels);
    } finally {
      y.release();
    }
  }

  private Buffer apply(NormRelu norm, Buffer x, long rows, int channels) {
    Buffer y = allocate(x.type(), rows * channels);
    batchNormApply(
        x, norm.statistics(), norm.gamma(), norm.beta(), null, true, norm.epsilon(), y, rows,
        channels);
    return y;
  }

  // ---------------------------------------------------------------- optimisation

  /**
   * One step of stochastic gradient descent as PyTorch defines it, in place, for each of many
   * tensors: {@code g = gradient + weightDecay·weight; velocity = momentum·velocity + g; weight −=
   * rate·(nesterov ? g + momentum·velocity : velocity)}.
   *
   * @param weights no two of which overlap
   * @param gradients one for each, of the same length
   * @param velocities the same
   */
  void sgd(
      List<Buffer> weights, List<Buffer> gradients, List<Buffer> velocities, double rate,
      double momentum, double weightDecay, boolean nesterov);

  // ---------------------------------------------------------------- random signs and images

  /**
   * Rows of random signs or sums of two, made of the same bits by every backend.
   *
   * @param y [rows, width]
   */
  void rademacher(RandomSigns signs, Buffer y);

  /**
   * y = x ⋆ w, the images x being rows of random signs as {@link #rademacher} makes them, which a
   * device need not store: then nothing but weights is read.
   *
   * @param signs one row for each image
   */
  default void conv2dOfSigns(
      Precision precision, Conv2dGeometry g, RandomSigns signs, Buffer w, Buffer y) {
    Buffer x = allocate(dtype(), g.inputElements());
    try {
      rademacher(signs, x);
      conv2d(precision, g, x, w, y);
    } finally {
      x.release();
    }
  }

  /**
   * A batch of images from a data set: each gathered, moved, mirrored and normalised by looking its
   * bytes up, so every backend gives the same. {@code y[b, i, j, c] = table[c, p]}, with p the byte
   * at row {@code i + dy} and column {@code j' + dx} of image {@code index}, and 0 outside it; j' is
   * {@code width − 1 − j} where mirrored, else j.
   *
   * @param images {@link DType#I32}: the unsigned bytes of [n, height, width, channels], four to an
   *     element, the first in its lowest bits
   * @param table [channels, 256]
   * @param draws {@link DType#I32} [batch, 4]: index, dy, dx, and not 0 where mirrored
   * @param y [batch, height, width, channels]
   */
  void cropFlip(
      Buffer images, Buffer table, Buffer draws, Buffer y, int batch, int height, int width,
      int channels);

  // ---------------------------------------------------------------- recording

  /**
   * Records what {@code work} asks of this backend. Memory that the work takes belongs to the
   * recording; what the work reads from outside must live as long as it is replayed.
   *
   * @param work may not copy to or from the host or wait; it is run now, perhaps more than once, the
   *     last time without effect until it is replayed
   * @return null where there is nothing to gain, and the work was not run
   */
  default Recording record(Runnable work) {
    return null;
  }

  /** Waits until everything asked for is done. */
  void synchronize();

  /**
   * Gives everything back, the memory of live buffers included; using one of them afterwards throws
   * an {@link IllegalStateException}, releasing or closing again does nothing.
   */
  @Override
  void close();
}
