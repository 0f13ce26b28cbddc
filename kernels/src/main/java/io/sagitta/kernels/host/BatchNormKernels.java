package io.sagitta.kernels.host;

/**
 * Batch normalisation over [rows, channels], rows and channels at least one. Arguments mean what
 * they mean in {@link io.sagitta.kernels.Backend}.
 */
interface BatchNormKernels {

  void statistics(HostBuffer x, HostBuffer statistics, int rows, int channels);

  /** y = act((x − mean)/√(variance + epsilon)·gamma + beta + residual); residual may be null. */
  void apply(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer beta, HostBuffer residual,
      boolean relu, double epsilon, HostBuffer y, int rows, int channels);

  /** Sums of the backward pass; y may be null. */
  void sums(
      HostBuffer x, HostBuffer statistics, HostBuffer gradY, HostBuffer y, double epsilon,
      HostBuffer sums, int rows, int channels);

  /** The input gradient; y may be null. */
  void gradInput(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer gradY, HostBuffer y,
      HostBuffer sums, double epsilon, HostBuffer gradX, int rows, int channels);
}
