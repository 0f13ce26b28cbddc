/**
 * Training from a seed to weights, resumable and reproducible bit for bit; measuring the result.
 */
package io.sagitta.nn.train;
