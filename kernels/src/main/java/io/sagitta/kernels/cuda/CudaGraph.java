package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Recording;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/**
 * Kernels recorded once and launched together, at the host's cost of one launch. Memory that the
 * work takes, also what it gives back, is put aside for the graph until that is closed; buffers
 * from outside must live as long as the graph is launched.
 */
public final class CudaGraph implements Recording {
  private final CudaSession session;
  private final FreeBlocks memory = new FreeBlocks();
  private final CUgraphExec executable = new CUgraphExec();
  private boolean closed;

  private CudaGraph(CudaSession session) {
    this.session = session;
  }

  /**
   * Records what {@code work} launches; nothing runs yet.
   *
   * @param work may not wait, copy to or from the host or replay a graph, which throws an {@link
   *     IllegalStateException} that names the call; other threads may not use the session meanwhile
   */
  static CudaGraph capture(CudaSession session, Runnable work) {
    CudaGraph made = new CudaGraph(session);
    session.beginCapture();
    session.memory().hold(made.memory);
    boolean done = false;
    try {
      CUgraph recorded = made.record(work);
      try {
        Cuda.check(
            JCudaDriver.cuGraphInstantiate(made.executable, recorded, 0), "cuGraphInstantiate");
      } finally {
        JCudaDriver.cuGraphDestroy(recorded);
      }
      done = true;
      return made;
    } finally {
      session.memory().endHold();
      session.endCapture();
      if (!done) {
        session.memory().release(made.memory);
      }
    }
  }

  /** The graph of the work; where the work fails, its exception and no graph. */
  private CUgraph record(Runnable work) {
    // Relaxed: the arena may ask the driver for more memory meanwhile. What must not be, we check.
    Cuda.check(
        JCudaDriver.cuStreamBeginCapture(
            session.stream(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
        "cuStreamBeginCapture");
    CUgraph recorded = new CUgraph();
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      if (JCudaDriver.cuStreamEndCapture(session.stream(), recorded) == 0) {
        JCudaDriver.cuGraphDestroy(recorded);
      }
      throw e;
    }
    Cuda.check(
        JCudaDriver.cuStreamEndCapture(session.stream(), recorded), "cuStreamEndCapture");
    return recorded;
  }

  @Override
  public void replay() {
    if (closed) {
      throw new IllegalStateException("graph used after it was closed");
    }
    session.attachToWait("replay");
    Cuda.check(JCudaDriver.cuGraphLaunch(executable, session.stream()), "cuGraphLaunch");
  }

  /** Gives the graph and its memory back. Closing it after its backend does nothing more. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!session.isClosed()) {
      session.enter();
      int result = JCudaDriver.cuGraphExecDestroy(executable);
      session.memory().release(memory);
      if (!session.isLost()) {
        Cuda.check(result, "cuGraphExecDestroy");
      }
    }
  }
}
