package io.sagitta.kernels;

/**
 * A batch normalisation and the rectifier after it, as something done to an operand while it is
 * read: x becomes max(0, (x − mean)/√(variance + epsilon)·gamma + beta), the same bits that {@link
 * Backend#batchNormApply} gives.
 *
 * @param statistics [2, channels]: means, then variances
 * @param gamma [channels]
 * @param beta [channels]
 */
public record NormRelu(Buffer statistics, Buffer gamma, Buffer beta, double epsilon) {}
