package io.sagitta.kernels.host;

/** What a library does with images that are stored as bfloat16, beside convolutions. */
interface Bf16Kernels extends BatchNormKernels {

  /** y = a + b, all of one length; y may be a or b. */
  void add(HostBuffer a, HostBuffer b, HostBuffer y);
}
