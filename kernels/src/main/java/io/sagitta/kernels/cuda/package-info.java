/**
 * The CUDA backend: own kernels, launched through JCuda's driver API. One class here launches the
 * kernels of one file in {@code src/main/cuda}.
 */
package io.sagitta.kernels.cuda;
