package io.sagitta.engine.curvature;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.Tensor;
import io.sagitta.kernels.host.HostBackend;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Noise of networks whose answers are known to be noisy, or not. */
class NoiseFloorTest {
  private static final double H = 1e-2;
  private static final int N = 8;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
  }

  @Test
  void answersThatAreExactHaveNone() {
    Samples samples = Networks.samples(5);
    double[] scores = zeroOrder(H, N).estimate(Networks.linear(), backend, samples).curvature();
    double[] floors = floor().measure(Networks.linear(), backend, samples);
    for (int s = 0; s < floors.length; s++) {
      assertThat(floors[s]).isBetween(0.0, 1e-3 * scores[s]);
    }
  }

  /** Answers with noise of their own: the floor is about the spread of scores that are noise. */
  @Test
  void aNetworkThatAnswersTwiceInTwoWaysIsSeen() {
    double noise = 1e-3;
    Random random = new Random(3);
    Logits noisy = x -> withNoise(Networks.linear().logits(x), noise, random);
    Samples samples = Networks.samples(200);
    double[] exact = zeroOrder(H, N).estimate(Networks.linear(), backend, samples).curvature();
    double[] scores = zeroOrder(H, N).estimate(noisy, backend, samples).curvature();
    double[] floors = floor().measure(noisy, backend, samples);
    double spread = 0;
    double floor = 0;
    for (int s = 0; s < scores.length; s++) {
      spread += Math.abs(scores[s] - exact[s]) / scores.length;
      floor += floors[s] / floors.length;
    }
    assertThat(floor).isBetween(spread / 10, spread * 10);
    double[] quiet = floor().measure(Networks.linear(), backend, samples);
    assertThat(floor).isGreaterThan(100 * Arrays.stream(quiet).average().orElseThrow());
  }

  /** Rounding in float32: the floor is about the scores' errors against float64. */
  @Test
  void roundingIsMeasuredByQueriesAlone() {
    SmallResNet network = new SmallResNet(24);
    double h = 1e-3;
    ZeroOrder score = zeroOrder(h, 4);
    double[] exact =
        network.on(
            backend, logits -> score.estimate(logits, backend, network.samples()).curvature());
    try (HostBackend host = HostBackend.create()) {
      double[] scores =
          network.on(host, logits -> score.estimate(logits, host, network.samples()).curvature());
      NoiseFloor noise =
          new NoiseFloor(zeroOrder(h * 1e-3, 2), 1e-3, zeroOrder(h, 1), score.n());
      double[] floors =
          network.on(host, logits -> noise.measure(logits, host, network.samples()));
      double[] errors = new double[scores.length];
      Arrays.setAll(errors, s -> Math.abs(scores[s] - exact[s]));
      assertThat(median(floors)).isBetween(median(errors) / 3, median(errors) * 3);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private NoiseFloor floor() {
    return new NoiseFloor(zeroOrder(H * 1e-3, 2), 1e-3, zeroOrder(H, 1), N);
  }

  private static ZeroOrder zeroOrder(double h, int n) {
    return new ZeroOrder(h, n, 1, 64, Evaluation.plain());
  }

  private Tensor withNoise(Tensor logits, double noise, Random random) {
    double[] values = new double[(int) logits.shape().elements()];
    Arrays.setAll(values, i -> noise * random.nextGaussian());
    return logits.add(Tensor.of(backend, logits.shape(), values));
  }
}
