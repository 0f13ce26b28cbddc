package io.sagitta.kernels;

/** Work of a backend, recorded once to be done again and again at the cost of one launch. */
public interface Recording extends AutoCloseable {
  /** Does the work, in order with what else is asked of the backend. */
  void replay();

  /** Gives the recording and the memory that its work took back. */
  @Override
  void close();
}
