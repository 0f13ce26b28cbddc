package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sagitta.kernels.DType;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LaunchTest {
  private static final int THREADS = 32;
  private static final int LAUNCHES = 10_000;

  private CudaSession session;
  private CudaTransfer transfer;
  private Kernel affine;

  @BeforeEach
  void open() {
    session = EmulatedCuda.session();
    transfer = new CudaTransfer(session);
    affine = session.kernel("elementwise", "affine_f32");
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
    }
  }

  private CudaBuffer of(float... values) {
    CudaBuffer buffer = session.scratch(DType.F32, values.length);
    transfer.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private float[] values(CudaBuffer buffer) {
    float[] values = new float[(int) buffer.elements()];
    transfer.download(buffer, 0, values, 0, values.length);
    return values;
  }

  private void affine(CudaBuffer x, CudaBuffer y, float scale, float shift) {
    affine.with().arg(x.elements()).arg(x).arg(y).arg(scale).arg(shift).run(1, THREADS);
  }

  @Test
  void argumentsArriveInTheirOrderAndType() {
    CudaBuffer x = of(1, 2, 3);
    CudaBuffer y = of(0, 0, 0);
    affine(x, y, 2, 0.5f);
    assertThat(values(y)).containsExactly(2.5f, 4.5f, 6.5f);
    affine(x.slice(1, 2), y.slice(0, 2), 10, 0);
    assertThat(values(y)).containsExactly(20, 30, 6.5f);
  }

  @Test
  void aLaunchMakesNoGarbage() {
    CudaBuffer x = of(1, 2, 3);
    CudaBuffer y = of(0, 0, 0);
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      long before = memory.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < LAUNCHES; i++) {
        affine(x, y, 2, i);
      }
      least = Math.min(least, memory.getCurrentThreadAllocatedBytes() - before);
    }
    // Asking for the figure, and the virtual machine's own doings, are allowed a little.
    assertThat(least).as("bytes for %d launches", LAUNCHES).isLessThan(2000);
    assertThat(values(y)).containsExactly(10_001, 10_003, 10_005);
  }

  @Test
  void tooManyArgumentsAreRefusedAndTheNextLaunchIsWhole() {
    CudaBuffer x = of(1);
    CudaBuffer y = of(0);
    Launch launch = affine.with();
    for (int i = 0; i < Launch.MOST_ARGUMENTS; i++) {
      launch.arg(i);
    }
    assertThatThrownBy(() -> launch.arg(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("affine_f32", "at most 64 arguments");
    Launch wide = affine.with();
    assertThatThrownBy(() -> wide.struct(new long[Launch.VALUE_BYTES / 8 + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another of 4104 bytes");
    affine(x, y, 1, 1);
    assertThat(values(y)).containsExactly(2);
  }

  @Test
  void gridsWithoutBlocksOrWithTooManyAreRefused() {
    for (long blocks : new long[] {0, -1, 1L << 31}) {
      assertThatThrownBy(() -> affine.with().arg(0L).run(blocks, THREADS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("affine_f32", "got grid " + blocks + "x1x1");
    }
  }

  @Test
  void whatTheDriverRefusesNamesKernelGridAndBlock() {
    CudaBuffer x = of(1);
    assertThatThrownBy(
            () -> affine.with().arg(1L).arg(x).arg(x).arg(1f).arg(0f).run(3, 2, 1, 4096, 0))
        .isInstanceOfSatisfying(
            CudaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(1);
              assertThat(e.isDeviceLost()).isFalse();
              assertThat(e.kernel()).isEqualTo("affine_f32");
              assertThat(e.grid()).isEqualTo("3x2x1");
              assertThat(e.block()).isEqualTo("4096x1x1");
            })
        .hasMessageContainingAll("cuLaunchKernel(", "CUDA_ERROR_INVALID_VALUE", "affine_f32");
    affine(x, x, 1, 1);
    assertThat(values(x)).as("the device goes on").containsExactly(2);
  }

  @Test
  void aKernelThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> session.kernel("elementwise", "affine_f16"))
        .isInstanceOf(CudaException.class)
        .hasMessageContainingAll("cuModuleGetFunction(affine_f16)", "500");
  }

  @Test
  void threadsHaveTheirOwnArguments() throws Exception {
    List<FutureTask<float[]>> tasks = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      float scale = t + 1;
      tasks.add(
          new FutureTask<>(
              () -> {
                CudaBuffer x = of(1, 10);
                CudaBuffer y = of(0, 0);
                for (int i = 0; i < 200; i++) {
                  affine(x, y, scale, i);
                }
                return values(y);
              }));
    }
    tasks.forEach(task -> new Thread(task).start());
    for (int t = 0; t < tasks.size(); t++) {
      assertThat(tasks.get(t).get()).containsExactly(t + 1 + 199, 10 * (t + 1) + 199);
    }
  }

  @Test
  void theLaunchOfADeadThreadServesAnother() throws Exception {
    Launch mine = session.launch();
    Launch first = inThread(session::launch);
    Launch second = inThread(session::launch);
    assertThat(second).isSameAs(first).isNotSameAs(mine);
    assertThat(session.launch()).isSameAs(mine);
  }

  private static <T> T inThread(Callable<T> work) throws InterruptedException, ExecutionException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task);
    thread.start();
    thread.join();
    return task.get();
  }

  @Test
  void aThreadGoesBackAndForthBetweenSessions() {
    CudaBuffer x = of(1);
    EmulatedCuda.command("devices", 2);
    try (CudaSession other = new CudaSession(1)) {
      Kernel theirs = other.kernel("elementwise", "affine_f32");
      CudaBuffer y = other.scratch(DType.F32, 1);
      CudaTransfer toThem = new CudaTransfer(other);
      toThem.upload(new float[] {5}, 0, y, 0, 1);
      for (int i = 0; i < 3; i++) {
        affine(x, x, 2, 0);
        theirs.with().arg(1L).arg(y).arg(y).arg(1f).arg(1f).run(1, THREADS);
      }
      float[] result = new float[1];
      toThem.download(y, 0, result, 0, 1);
      assertThat(result).containsExactly(8);
      assertThat(other.launch()).isNotSameAs(session.launch());
    } finally {
      EmulatedCuda.command("devices", 1);
    }
    assertThat(values(x)).containsExactly(8);
  }
}
