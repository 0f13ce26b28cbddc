/**
 * The parts that networks are made of. A layer names its parameters as PyTorch does and says how it
 * computes in training, in evaluation, and with its normalisation folded into its weights.
 */
package io.sagitta.nn.layers;
