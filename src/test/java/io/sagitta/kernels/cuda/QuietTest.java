package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.Latches;
import io.sagitta.kernels.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** While a session measures, the others of its device launch nothing; nobody waits for ever. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuietTest {
  private final List<CudaSession> opened = new ArrayList<>();
  private CudaSession measuring;
  private CudaSession other;

  @BeforeEach
  void open() {
    measuring = session();
    other = session();
  }

  private CudaSession session() {
    CudaSession session = EmulatedCuda.session();
    opened.add(session);
    return session;
  }

  @AfterEach
  void close() {
    opened.forEach(CudaSession::close);
    if (EmulatedCuda.whyAbsent() == null) {
      EmulatedCuda.healthy();
    }
  }

  private static float filled(CudaSession session, float value) {
    CudaBuffer y = session.scratch(DType.F32, 1);
    session.kernel("elementwise", "fill_f32").with().arg(1L).arg(y).arg(value).run(1, 32);
    float[] found = new float[1];
    new CudaTransfer(session).download(y, 0, found, 0, 1);
    y.release();
    return found[0];
  }

  /** Does something on a thread of its own, and returns when that waits or has ended. */
  private static <T> FutureTask<T> begun(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.start();
    while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return task;
  }

  @Test
  void whatAnotherSessionLaunchesWaits() throws Exception {
    Kernel fill = other.kernel("elementwise", "fill_f32");
    CudaBuffer y = other.scratch(DType.F32, 1);
    FutureTask<Boolean> launch =
        measuring.measure(
            () -> {
              FutureTask<Boolean> task =
                  begun(
                      () -> {
                        fill.with().arg(1L).arg(y).arg(3f).run(1, 32);
                        return true;
                      });
              assertThat(filled(measuring, 5)).as("who measures launches").isEqualTo(5);
              assertThat(task).as("the other's launch").isNotDone();
              return task;
            });
    assertThat(launch.get()).isTrue();
    assertThat(filled(other, 4)).as("afterwards").isEqualTo(4);
  }

  @Test
  void replayedGraphsAndCopiesWaitToo() throws Exception {
    CudaBuffer y = other.scratch(DType.F32, 1);
    Kernel fill = other.kernel("elementwise", "fill_f32");
    CudaGraph graph =
        CudaGraph.capture(other, () -> fill.with().arg(1L).arg(y).arg(3f).run(1, 32));
    List<FutureTask<Void>> tasks =
        measuring.measure(
            () -> {
              FutureTask<Void> replay = begun(() -> { graph.replay(); return null; });
              FutureTask<Void> upload =
                  begun(
                      () -> {
                        new CudaTransfer(other).upload(new float[1], 0, y, 0, 1);
                        return null;
                      });
              assertThat(replay).isNotDone();
              assertThat(upload).isNotDone();
              return List.of(replay, upload);
            });
    for (FutureTask<Void> task : tasks) {
      task.get();
    }
    graph.close();
  }

  @Test
  void aCaptureGoesOnAndWhatFollowsItWaits() throws Exception {
    Kernel fill = other.kernel("elementwise", "fill_f32");
    CudaBuffer y = other.scratch(DType.F32, 1);
    CountDownLatch capturing = new CountDownLatch(1);
    CountDownLatch measured = new CountDownLatch(1);
    CountDownLatch recorded = new CountDownLatch(1);
    FutureTask<Float> task =
        begun(
            () -> {
              CudaGraph graph =
                  CudaGraph.capture(
                      other,
                      () -> {
                        capturing.countDown();
                        Latches.await(measured);
                        fill.with().arg(1L).arg(y).arg(7f).run(1, 32);
                      });
              recorded.countDown();
              graph.replay();
              float[] found = new float[1];
              new CudaTransfer(other).download(y, 0, found, 0, 1);
              graph.close();
              return found[0];
            });
    Latches.await(capturing);
    measuring.measure(
        () -> {
          measured.countDown();
          Latches.await(recorded);
          assertThat(task).isNotDone();
          return null;
        });
    assertThat(task.get()).isEqualTo(7);
  }

  @Test
  void oneMeasuresAfterTheOther() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<FutureTask<Integer>> tasks = new ArrayList<>();
    for (CudaSession session : List.of(measuring, other, session())) {
      tasks.add(
          begun(
              () -> {
                int most = 0;
                for (int i = 0; i < 50; i++) {
                  most =
                      Math.max(
                          most,
                          session.measure(
                              () -> {
                                int now = inside.incrementAndGet();
                                filled(session, 1);
                                session.settleOthers();
                                inside.decrementAndGet();
                                return now;
                              }));
                  filled(session, 2);
                }
                return most;
              }));
    }
    for (FutureTask<Integer> task : tasks) {
      assertThat(task.get()).as("at the same time").isEqualTo(1);
    }
  }

  @Test
  void aSessionThatClosesWaitsAndIsNotWaitedFor() throws Exception {
    FutureTask<Void> closing =
        measuring.measure(
            () -> {
              FutureTask<Void> task = begun(() -> { other.close(); return null; });
              assertThat(task).isNotDone();
              measuring.settleOthers();
              return task;
            });
    closing.get();
    assertThat(measuring.<Float>measure(() -> filled(measuring, 2))).isEqualTo(2);
  }

  @Test
  void aDeviceLostMeanwhileIsToldToBothAndKeepsNobodyWaiting() throws Exception {
    Kernel fill = measuring.kernel("elementwise", "fill_f32");
    CudaBuffer y = measuring.scratch(DType.F32, 1);
    List<FutureTask<Float>> waiting = new ArrayList<>();
    EmulatedCuda.command("fail", "1:700");
    assertThatThrownBy(
            () ->
                measuring.measure(
                    () -> {
                      waiting.add(begun(() -> filled(other, 1)));
                      fill.with().arg(1L).arg(y).arg(3f).run(1, 32);
                      return null;
                    }))
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.isDeviceLost()).isTrue());
    assertThatThrownBy(() -> waiting.get(0).get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.isDeviceLost()).isTrue());
    assertThatThrownBy(() -> other.measure(() -> null)).isInstanceOf(CudaException.class);
    assertThatThrownBy(() -> session().synchronize())
        .as("lost until all have closed")
        .isInstanceOf(CudaException.class);
    opened.forEach(CudaSession::close);
    CudaSession fresh = session();
    assertThat(fresh.<Float>measure(() -> filled(fresh, 2))).isEqualTo(2);
  }
}
