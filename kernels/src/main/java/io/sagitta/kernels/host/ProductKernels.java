package io.sagitta.kernels.host;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * Matrix products and convolutions over host buffers, the part of the host backend that a native
 * library may serve. Arguments mean what they mean in {@link io.sagitta.kernels.Backend}; results
 * have elements, and sums have terms.
 */
interface ProductKernels extends AutoCloseable {
  /** What computes, with its version and instruction set. */
  String description();

  boolean supports(Precision precision);

  /** What else is done with images of bfloat16; there where {@link Precision#BF16} is supported. */
  Bf16Kernels bf16();

  void matmul(
      Precision precision, HostBuffer a, boolean transposeA, HostBuffer b, boolean transposeB,
      HostBuffer c, int batch, int m, int n, int k);

  /** y = act(x ⋆ w + bias + residual); bias and residual may be null. */
  void conv2d(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer w, HostBuffer bias,
      HostBuffer residual, boolean relu, HostBuffer y);

  void conv2dGradInput(
      Precision precision, Conv2dGeometry g, HostBuffer w, HostBuffer gradY, HostBuffer gradX);

  void conv2dGradWeight(
      Precision precision, Conv2dGeometry g, HostBuffer x, HostBuffer gradY, HostBuffer gradW);

  @Override
  void close();
}
