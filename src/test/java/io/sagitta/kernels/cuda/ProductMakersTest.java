package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.Latches;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The choice by measurement, between stand-ins whose times do not matter. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProductMakersTest {
  private record Shape(int rows) {}

  @TempDir Path folder;
  private final List<ProductChoice> run = new ArrayList<>();
  private CudaSession session;
  private String cache;

  @BeforeEach
  void open() {
    String absent = StandInLibraries.whyAbsent();
    assumeTrue(absent == null, "no stand-ins: " + absent);
    StandInLibraries.open().close();
    cache = System.getProperty(ImageCache.PROPERTY);
    System.setProperty(ImageCache.PROPERTY, folder.toString());
    session = new CudaSession(0);
  }

  @AfterEach
  void close() {
    if (session != null) {
      session.close();
      if (cache == null) {
        System.clearProperty(ImageCache.PROPERTY);
      } else {
        System.setProperty(ImageCache.PROPERTY, cache);
      }
    }
  }

  @Test
  void forImagesThatCudnnCannotDescribeItHasNoAlgorithms() {
    Conv2dGeometry g = new Conv2dGeometry(1 << 15, 128, 128, 4, 4, 3, 3, 1, 1, 1);
    try (CudnnConvolution cudnn = new CudnnConvolution(session)) {
      for (CudnnPlan.Form form : CudnnPlan.Form.values()) {
        assertThat(cudnn.algorithms(form, true, g)).as("%s", form).isEmpty();
      }
    }
  }

  /** With room for cuDNN's order of the weights, but not for what its algorithm writes. */
  @ParameterizedTest
  @ValueSource(strings = {"auto", "cudnn"})
  void whereCudnnsWorkspaceHasNoRoomTheProductIsOurs(String asked) {
    Conv2dGeometry g = new Conv2dGeometry(20, 16, 16, 16, 16, 3, 3, 1, 1, 1);
    long weightBytes = Float.BYTES * g.weightElements();
    try (Scope scope = Scope.detached();
        CudaProducts products =
            new CudaProducts(
                session, new CudaRandom(session), new ProductMakers(session, asked, true))) {
      CudaBuffer x = scope.add(session.scratch(DType.F32, g.inputElements()));
      CudaBuffer w = scope.add(session.scratch(DType.F32, g.weightElements()));
      CudaBuffer y = scope.add(session.scratch(DType.F32, g.outputElements()));
      long live = session.memory().liveBytes();
      long free = session.freeBytes();
      EmulatedCuda.command("memory", (64L << 30) - free + weightBytes + 900);
      long before = StandInLibraries.convolutions();
      products.conv2d(Precision.FP32, g, x, w, y);
      session.synchronize();
      assertThat(StandInLibraries.convolutions()).isEqualTo(before);
      assertThat(session.memory().liveBytes()).isEqualTo(live);
      EmulatedCuda.healthy();
      products.conv2d(Precision.FP32, g, x, w, y);
      assertThat(StandInLibraries.convolutions()).as("chosen anew").isEqualTo(before);
    } finally {
      EmulatedCuda.healthy();
    }
  }

  @Test
  void aShapeIsMeasuredOnceForAllProcesses() throws IOException {
    ProductChoice first = measure(new Shape(64));
    assertThat(run).contains(ProductChoice.OWN, ProductChoice.CUBLAS);
    List<String> lines = Files.readAllLines(folder.resolve("products.tsv"));
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .contains(session.device().model(), "cuBLAS 120600", "cuDNN 90600", "Shape[rows=64]");

    run.clear();
    assertThat(measure(new Shape(64))).isEqualTo(first);
    assertThat(run).as("measured again").isEmpty();

    measure(new Shape(65));
    assertThat(run).as("another shape").isNotEmpty();
  }

  /** What is recorded does not run. */
  @Test
  void aShapeMetInARecordingIsMeasuredWhenItIsMetOutside() {
    int side = 256;
    Path kept = folder.resolve("products.tsv");
    CudaBuffer a = session.scratch(DType.F32, side * side);
    CudaBuffer c = session.scratch(DType.F32, side * side);
    try (CudaProducts products =
        new CudaProducts(
            session, new CudaRandom(session), new ProductMakers(session, "auto", true))) {
      Runnable product =
          () ->
              products.matmul(Precision.FP32, a, false, a, false, c, 1, side, side, side);
      CudaGraph.capture(session, product).close();
      assertThat(kept).doesNotExist();
      product.run();
      assertThat(kept).content().contains("m=256, n=256, k=256");
    } finally {
      a.release();
      c.release();
    }
  }

  @Test
  void aSessionThatWaitedForItsTurnTakesWhatWasMeasuredMeanwhile() throws Exception {
    CountDownLatch measuring = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    List<ProductChoice> runByOther = Collections.synchronizedList(new ArrayList<>());
    try (CudaSession second = new CudaSession(0);
        ProductMakers one = new ProductMakers(session, "auto", true);
        ProductMakers other = new ProductMakers(second, "auto", true)) {
      FutureTask<ProductChoice> first =
          new FutureTask<>(
              () ->
                  measure(
                      one, new Shape(64),
                      by -> {
                        measuring.countDown();
                        Latches.await(asked);
                      }));
      new Thread(first).start();
      Latches.await(measuring);
      FutureTask<ProductChoice> waiting =
          new FutureTask<>(() -> measure(other, new Shape(64), runByOther::add));
      Thread thread = new Thread(waiting);
      thread.start();
      while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      asked.countDown();
      assertThat(waiting.get()).isEqualTo(first.get());
      assertThat(runByOther).as("measured again").isEmpty();
    }
  }

  @Test
  void sessionsAgreeWhereNoFileCanBeWritten() throws IOException {
    Files.createFile(folder.resolve("taken"));
    System.setProperty(ImageCache.PROPERTY, folder.resolve("taken").toString());
    ProductChoice first = measure(new Shape(64));
    assertThat(run).isNotEmpty();
    run.clear();
    try (CudaSession second = new CudaSession(0);
        ProductMakers makers = new ProductMakers(second, "auto", true)) {
      assertThat(measure(makers, new Shape(64), run::add)).isEqualTo(first);
    }
    assertThat(run).as("measured again").isEmpty();
  }

  @Test
  void withoutTimesEverythingIsOurOwn() {
    try (ProductMakers makers = new ProductMakers(session, "auto", false)) {
      assertThat(makers.cublas()).isNull();
      assertThat(makers.cudnn()).isNull();
    }
  }

  private ProductChoice measure(Shape shape) {
    try (ProductMakers makers = new ProductMakers(session, "auto", true)) {
      return measure(makers, shape, run::add);
    }
  }

  private static ProductChoice measure(
      ProductMakers makers, Shape shape, Consumer<ProductChoice> run) {
    return makers.measured("matmul", shape, List.of(ProductChoice.CUBLAS), run);
  }
}
