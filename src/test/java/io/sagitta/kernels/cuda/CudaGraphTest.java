package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.DType;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class CudaGraphTest {
  private static final int COUNT = 1000;

  private CudaSession session;
  private CudaTransfer transfer;
  private Kernel affine;
  private CudaBuffer x;
  private CudaBuffer y;

  @BeforeEach
  void open() {
    String absent = EmulatedCuda.whyAbsent();
    Assumptions.assumeTrue(absent == null, absent);
    openWith("arena");
  }

  private void openWith(String memory) {
    String before = System.getProperty(CudaSession.MEMORY_PROPERTY);
    System.setProperty(CudaSession.MEMORY_PROPERTY, memory);
    try {
      session = new CudaSession(0);
    } finally {
      System.setProperty(CudaSession.MEMORY_PROPERTY, before);
    }
    transfer = new CudaTransfer(session);
    affine = session.kernel("elementwise", "affine_f32");
    x = session.scratch(DType.F32, COUNT);
    y = session.scratch(DType.F32, COUNT);
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
    }
  }

  private void affine(CudaBuffer from, CudaBuffer to, float scale, float shift) {
    affine.with().arg(from.elements()).arg(from).arg(to).arg(scale).arg(shift).run(2, 64);
  }

  /** y = 2·(x + 3) by way of memory of its own. */
  private void work() {
    CudaBuffer between = session.scratch(DType.F32, COUNT);
    affine(x, between, 1, 3);
    affine(between, y, 2, 0);
    between.release();
  }

  private float[] run(Runnable work, float first) {
    float[] values = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      values[i] = first + i;
    }
    transfer.upload(values, 0, x, 0, COUNT);
    work.run();
    transfer.download(y, 0, values, 0, COUNT);
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"arena", "exact"})
  void aGraphDoesWhatTheWorkDoesHoweverOftenItIsLaunched(String memory) {
    session.close();
    openWith(memory);
    float[] eager = run(this::work, 5);
    float[] other = run(this::work, -7);
    try (CudaGraph graph = CudaGraph.capture(session, this::work)) {
      assertThat(run(() -> {}, 5)).as("nothing ran yet").isEqualTo(other);
      assertThat(run(graph::replay, 5)).isEqualTo(eager);
      assertThat(run(graph::replay, -7)).isEqualTo(other);
    }
  }

  @Test
  void othersDoNotGetAGraphsMemory() {
    float[] eager = run(this::work, 5);
    try (CudaGraph graph = CudaGraph.capture(session, this::work)) {
      CudaBuffer theirs = session.scratch(DType.F32, COUNT);
      float[] mark = new float[COUNT];
      mark[0] = 99;
      transfer.upload(mark, 0, theirs, 0, COUNT);
      assertThat(run(graph::replay, 5)).isEqualTo(eager);
      float[] after = new float[COUNT];
      transfer.download(theirs, 0, after, 0, COUNT);
      assertThat(after).isEqualTo(mark);
      theirs.release();
    }
    x.release();
    y.release();
    assertThat(session.memory().liveBytes()).isZero();
    session.memory().trim();
    assertThat(session.memory().reservedBytes()).as("the graph's too").isZero();
  }

  @Test
  void waitingCopiesAndOtherGraphsAreNoPartOfAGraph() {
    refused("synchronize", session::synchronize);
    refused("upload", () -> transfer.upload(new float[1], 0, x, 0, 1));
    refused("download", () -> transfer.download(x, 0, new float[1], 0, 1));
    refused("capture", () -> CudaGraph.capture(session, () -> {}));
    try (CudaGraph graph = CudaGraph.capture(session, this::work)) {
      refused("replay", graph::replay);
    }
    float[] eager = run(this::work, 1);
    assertThat(eager[0]).as("the session goes on").isEqualTo(8);
  }

  private void refused(String call, Runnable work) {
    assertThatThrownBy(() -> CudaGraph.capture(session, work))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cuda:0: " + call + " while a graph is captured");
  }

  @Test
  void otherThreadsWaitUntilTheCaptureIsOver() {
    assertThatThrownBy(
            () ->
                CudaGraph.capture(
                    session,
                    () -> {
                      FutureTask<Void> other = new FutureTask<>(this::work, null);
                      new Thread(other, "other").start();
                      try {
                        other.get();
                      } catch (Exception e) {
                        throw (RuntimeException) e.getCause();
                      }
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used by thread 'other' while");
    assertThat(run(this::work, 1)[0]).isEqualTo(8);
  }

  @Test
  void aClosedGraphIsNotLaunched() {
    CudaGraph graph = CudaGraph.capture(session, this::work);
    graph.close();
    graph.close();
    assertThatThrownBy(graph::replay)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aGraphMayOutliveItsBackend() {
    CudaGraph graph = CudaGraph.capture(session, this::work);
    session.close();
    assertThatThrownBy(graph::replay)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    graph.close();
  }
}
