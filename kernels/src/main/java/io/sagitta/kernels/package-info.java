/**
 * Devices and the primitive kernels that run on them. A {@link io.sagitta.kernels.Backend} computes
 * on {@link io.sagitta.kernels.Buffer}s with explicit shapes; everything above this package is free
 * of devices, native libraries and memory addresses.
 */
package io.sagitta.kernels;
