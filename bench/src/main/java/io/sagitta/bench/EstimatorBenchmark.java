package io.sagitta.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * Rates of estimators of curvature: steps over a batch, and with them samples, GFLOP and gigabytes a
 * second. {@link EstimatorTable} has the error against float64 beside them.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 4)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx4g", "-XX:MaxDirectMemorySize=8g"})
public class EstimatorBenchmark {
  private static final double GIGA = 1e9;

  /** What is estimated how; or the forward pass. */
  @Param({"forward", "zo", "zo-trace", "hutchinson", "hutch++", "gradient-norm", "exact"})
  public String estimator;

  /** The network, by name and width. */
  @Param({"resnet8:16", "resnet18:64", "resnet50:64"})
  public String model;

  /** Logits. */
  @Param("10")
  public int classes;

  /** Samples, and rows at a time. */
  @Param("64")
  public int batch;

  /** Trials a sample. */
  @Param("10")
  public int probes;

  /** How stencils are evaluated. */
  @Param("auto")
  public String precision;

  /** Where. */
  @Param("host")
  public String device;

  private EstimatorWork work;
  private Traffic traffic;

  /** What is counted beside steps. */
  @AuxCounters
  @State(Scope.Thread)
  public static class Counters {
    /** Samples done. */
    public double samples;

    /** 10⁹ floating-point operations of products. */
    public double gflop;

    /** 10⁹ bytes of operands and results. */
    public double gbytes;
  }

  /** Builds the network and the images, and counts what a step takes. */
  @Setup(Level.Trial)
  public void setUp() {
    String[] parts = model.split(":");
    work =
        new EstimatorWork(
            new EstimatorWork.Spec(
                estimator, parts[0], Integer.parseInt(parts[1]), classes, batch, probes, precision,
                device));
    traffic = work.traffic();
  }

  /** Gives memory back. */
  @TearDown(Level.Trial)
  public void tearDown() {
    work.close();
  }

  /** One step over the batch. */
  @Benchmark
  public void step(Counters counters) {
    work.step();
    counters.samples += batch;
    counters.gflop += traffic.flop() / GIGA;
    counters.gbytes += traffic.bytes() / GIGA;
  }
}
