package io.sagitta.engine.curvature;

/**
 * The input Hessian of one sample's loss, as far as it is not zero: of rank C − 1 at most.
 *
 * @param eigenvalues [C − 1], greatest first, none negative but for rounding; all others of the D
 *     are zero
 * @param trace their sum
 * @param frobenius the root of the sum of their squares
 * @param top [D]: the unit eigenvector of the greatest, the direction in which the loss bends most;
 *     its sign means nothing; zeros where the Hessian is zero
 */
public record InputSpectrum(double[] eigenvalues, double trace, double frobenius, double[] top) {}
