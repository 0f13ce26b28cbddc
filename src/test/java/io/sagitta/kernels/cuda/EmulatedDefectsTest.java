package io.sagitta.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sagitta.kernels.DType;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Defects that were put into small kernels, {@code src/test/cpp/planted}, to see that the emulated
 * driver shows each. The same kernel without its defect is sound.
 */
class EmulatedDefectsTest {
  private static final int THREADS = 64;
  private static final int BLOCKS = 5;

  /** Rows and columns of a product. */
  private static final int SIDE = 64;

  private static final int ILLEGAL_ADDRESS = 700;
  private static final int MISALIGNED_ADDRESS = 716;
  private static final int LAUNCH_FAILED = 719;

  private CudaSession session;

  @BeforeAll
  static void build() throws IOException {
    assumeTrue(EmulatedCuda.whyAbsent() == null, EmulatedCuda::whyAbsent);
    assumeTrue(EmulatedBuild.isPossible(), "no compiler or no sources to build kernels from");
    EmulatedCuda.loadKernels("planted");
  }

  @BeforeEach
  void open() {
    session = new CudaSession(0);
  }

  @AfterEach
  void close() {
    EmulatedCuda.command("order", "forward");
    session.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing_barrier", "missing_wait"})
  void withoutTheDefectRowsAreReversed(String kernel) {
    assertThat(schedules(kernel + "_sound"))
        .containsExactly(
            numbers(BLOCKS * THREADS, i -> i / THREADS * THREADS + THREADS - 1 - i % THREADS));
  }

  @Test
  void withoutTheDefectLanesChangePlaces() {
    assertThat(schedules("missing_warp_barrier_sound"))
        .containsExactly(numbers(BLOCKS * THREADS, i -> i ^ 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"out_of_bounds", "unwritten_output", "divergent_barrier"})
  void withoutTheDefectElementsAreDoubled(String kernel) {
    int elements = BLOCKS * THREADS - 1;
    assertThat(run(kernel + "_sound", elements)).isEqualTo(numbers(elements, i -> 2 * i));
  }

  @Test
  void withoutTheDefectNeighboursAreAddedAndFoursDoubled() {
    assertThat(run("out_of_bounds_read_sound", 100))
        .isEqualTo(numbers(100, i -> i < 99 ? 2 * i + 1 : i));
    assertThat(run("misaligned_sound", 100)).isEqualTo(numbers(100, i -> 2 * i));
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing_barrier", "missing_warp_barrier"})
  void aMissingBarrierMakesSchedulesDisagree(String kernel) {
    assertThat(schedules(kernel + "_defect")).hasSizeGreaterThan(1);
  }

  @Test
  void aMissingWaitLeavesPoison() {
    assertThat(run("missing_wait_defect", BLOCKS * THREADS)).containsOnly(Double.NaN);
  }

  @Test
  void aProductSeesWhatOverwritesItsOperandsBeforeTheWait() {
    assertThat(product("early_overwrite_sound"))
        .isEqualTo(numbers(SIDE * SIDE, i -> 2 * (i % 128)));
    assertThat(product("early_overwrite_defect")).isNotEqualTo(product("early_overwrite_sound"));
  }

  @Test
  void anUnwrittenOutputIsPoison() {
    List<Double> y = run("unwritten_output_defect", 2 * THREADS + 1);
    assertThat(y.indexOf(Double.NaN)).isEqualTo(2 * THREADS);
  }

  @Test
  void aWriteBehindAnAllocationIsFoundAtItsPage() {
    assertThatThrownBy(() -> run("out_of_bounds_defect", BLOCKS * THREADS))
        .isInstanceOfSatisfying(
            CudaException.class, e -> assertThat(e.code()).isEqualTo(ILLEGAL_ADDRESS))
        .hasMessageContaining("kernel out_of_bounds_defect, block (4,0,0), thread (63,0,0)")
        .hasMessageContaining("0 bytes after the end of the allocation of 1280 bytes");
  }

  @Test
  void aWriteBehindAnAllocationThatEndsBeforeItsPageIsFoundAtTheNextWait() {
    assertThatThrownBy(() -> run("out_of_bounds_defect", 100))
        .isInstanceOfSatisfying(
            CudaException.class, e -> assertThat(e.code()).isEqualTo(ILLEGAL_ADDRESS))
        .hasMessageContaining("0 bytes past the end of an allocation of 400 bytes were written");
  }

  @Test
  void aReadBehindAnAllocationFaultsOrGivesPoison() {
    assertThat(run("out_of_bounds_read_defect", 100).indexOf(Double.NaN)).isEqualTo(99);
    assertThatThrownBy(() -> run("out_of_bounds_read_defect", BLOCKS * THREADS))
        .isInstanceOfSatisfying(
            CudaException.class, e -> assertThat(e.code()).isEqualTo(ILLEGAL_ADDRESS));
  }

  @Test
  void aMisalignedAccessIsSaid() {
    assertThatThrownBy(() -> run("misaligned_defect", 100))
        .isInstanceOfSatisfying(
            CudaException.class, e -> assertThat(e.code()).isEqualTo(MISALIGNED_ADDRESS))
        .hasMessageContaining("kernel misaligned_defect, block (0,0,0), thread (0,0,0)")
        .hasMessageContaining("not aligned");
  }

  @Test
  void aDivergentBarrierIsSaid() {
    assertThatThrownBy(() -> run("divergent_barrier_defect", BLOCKS * THREADS))
        .isInstanceOfSatisfying(
            CudaException.class, e -> assertThat(e.code()).isEqualTo(LAUNCH_FAILED))
        .hasMessageContaining("divergent barrier: of 64 threads 32 wait at __syncthreads")
        .hasMessageContaining("32 have returned");
  }

  /** The different results of a kernel under the three schedules. */
  private Set<List<Double>> schedules(String kernel) {
    Set<List<Double>> results = new LinkedHashSet<>();
    for (String order : List.of("forward", "reverse", "random")) {
      EmulatedCuda.command("order", order);
      results.add(run(kernel, BLOCKS * THREADS));
    }
    return results;
  }

  /** By a warpgroup, with two tiles of 8 KiB. */
  private List<Double> product(String name) {
    return run(name, SIDE * SIDE, 1, 128, 2 * SIDE * SIDE * Short.BYTES);
  }

  private List<Double> run(String name, int elements) {
    return run(name, elements, BLOCKS, THREADS, THREADS * Float.BYTES);
  }

  /** y = kernel(0, 1, 2, …), both of this many elements. */
  private List<Double> run(String name, int elements, int blocks, int threads, int shared) {
    double[] values = IntStream.range(0, elements).asDoubleStream().toArray();
    CudaBuffer x = session.scratch(DType.F32, elements);
    CudaBuffer y = session.scratch(DType.F32, elements);
    try {
      CudaTransfer transfer = new CudaTransfer(session);
      transfer.upload(values, 0, x, 0, elements);
      kernel(name).with().arg(elements).arg(x).arg(y).run(blocks, 1, 1, threads, shared);
      transfer.download(y, 0, values, 0, elements);
      return Arrays.stream(values).boxed().collect(Collectors.toList());
    } finally {
      x.release();
      y.release();
    }
  }

  private Kernel kernel(String name) {
    CUmodule module = new CUmodule();
    CUfunction function = new CUfunction();
    session.attach();
    Cuda.check(JCudaDriver.cuModuleLoadData(module, new byte[1]), "cuModuleLoadData");
    Cuda.check(
        JCudaDriver.cuModuleGetFunction(function, module, name), "cuModuleGetFunction", name);
    return new Kernel(session, function, name);
  }

  private static List<Double> numbers(int count, IntUnaryOperator of) {
    return IntStream.range(0, count)
        .map(of)
        .asDoubleStream()
        .boxed()
        .collect(Collectors.toList());
  }
}
