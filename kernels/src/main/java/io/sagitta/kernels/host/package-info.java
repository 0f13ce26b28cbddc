/**
 * The host backend: float32 on the CPU. Convolutions and products go through {@link
 * io.sagitta.kernels.host.ProductKernels}, which oneDNN serves where its natives load and plain
 * Java elsewhere; the rest is plain Java written so that the JIT vectorises it.
 */
package io.sagitta.kernels.host;
