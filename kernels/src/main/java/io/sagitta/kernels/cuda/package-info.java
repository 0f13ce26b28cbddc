/**
 * The CUDA backend: own kernels, launched through JCuda's driver API. One class here launches the
 * kernels of one file in {@code src/main/cuda}. Below these lie the session (one device's context,
 * stream, memory and page-locked staging), launches that make no garbage, and graphs; every call of
 * the driver is checked.
 */
package io.sagitta.kernels.cuda;
