/**
 * Differential privacy of a training: what a number of noisy steps promises, how much noise a promise
 * wants, which samples a step takes, and the noise itself.
 */
package io.sagitta.nn.privacy;
