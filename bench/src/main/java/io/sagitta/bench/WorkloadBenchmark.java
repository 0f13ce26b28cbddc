package io.sagitta.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of one step of a workload: multiply its inverse by the batch for samples a second. The
 * memory layout is the first that the engine offers; {@link Compare} chooses the fastest.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 4)
@Measurement(iterations = 5, time = 4)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx4g", "-XX:MaxDirectMemorySize=8g"})
public class WorkloadBenchmark {
  /** Who computes; libtorch and djl are there where the profile {@code peers} was. */
  @Param("sagitta")
  public String engine;

  /** What is computed. */
  @Param({"train", "forward", "gradient", "hvp", "hvp10", "zo", "train-resnet8"})
  public String workload;

  /** Images at a time. */
  @Param("64")
  public int batch;

  private Workload work;

  /** Builds the network and the images. */
  @Setup(Level.Trial)
  public void setUp() {
    Workload.Kind kind = Workload.Kind.of(workload);
    Problem problem = Problem.of(kind, batch);
    work = Engine.find(engine).variants(kind, problem).get(0).get();
  }

  /** Gives memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    work.close();
  }

  /** One step over the batch. */
  @Benchmark
  public void step() {
    work.step();
    work.finish();
  }
}
