package io.sagitta.kernels.host;

/**
 * A product or convolution of fixed sizes, ready to run on all cores, in several threads at once if
 * need be.
 */
interface DnnlOperation extends AutoCloseable {
  /** The argument that is packed where an operation packs its weights. */
  int WEIGHTS = 1;

  /**
   * Runs it.
   *
   * @param memory gives scratch memory
   * @param weights the buffer of argument {@link #WEIGHTS}, where packed forms are kept
   * @param arguments addresses of the arguments
   */
  void run(HostMemory memory, HostBuffer weights, long... arguments);

  @Override
  void close();
}
