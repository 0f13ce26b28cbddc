package io.sagitta.nn.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.host.HostBackend;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Promises, draws and noise. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class PrivacyTest {
  @Test
  void aPromiseIsKeptByTheNoiseThatFollowsFromIt() {
    Privacy.Promise promise = Privacy.ofEpsilon(3).promise(25_000, 128, 20);
    assertThat(promise.stepsPerEpoch()).isEqualTo(195);
    assertThat(promise.sampleRate()).isEqualTo(128 / 25_000.0);
    assertThat(promise.epsilon()).isBetween(2.99, 3.0);
    assertThat(Privacy.ofNoise(promise.noise()).promise(25_000, 128, 20).epsilon())
        .isEqualTo(promise.epsilon());
    assertThat(promise.metadata())
        .containsEntry("dp_delta", "1.0E-5")
        .containsEntry("dp_clip", "1.0")
        .containsEntry("dp_noise", Double.toString(promise.noise()))
        .containsEntry("dp_epsilon", Double.toString(promise.epsilon()));
  }

  @Test
  void aBatchTooSmallForItsNoiseIsRefused() {
    assertThatThrownBy(() -> Privacy.ofEpsilon(0.05).promise(100, 4, 50))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "batch: expected more images a step than the noise multiplier \\d+\\.\\d+ that epsilon"
                + " 0\\.05 wants, got 4: along any direction the noise exceeds the sum of 4 clipped"
                + " gradients; enlarge the batch, or epsilon");
    assertThatThrownBy(() -> Privacy.ofNoise(8).promise(100, 8, 1))
        .hasMessageStartingWith("batch: expected more images a step than the noise multiplier 8");
  }

  @Test
  void anEpsilonThatCannotBeReachedIsRefused() {
    assertThatThrownBy(() -> Privacy.ofEpsilon(1e-3).promise(1000, 100, 5))
        .hasMessageContaining("epsilon 0.001 cannot be reached");
  }

  @Test
  void settingsThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> new Privacy(1, 1, 1e-5, 1, 0))
        .hasMessage("privacy: expected either epsilon or noise, got 1.0 and 1.0");
    assertThatThrownBy(() -> Privacy.ofEpsilon(0))
        .hasMessage("privacy: expected epsilon above 0, got 0.0");
    assertThatThrownBy(() -> new Privacy(1, 0, 1, 1, 0))
        .hasMessage("privacy: expected delta in (0, 1), got 1.0");
    assertThatThrownBy(() -> Privacy.ofNoise(1).clippingAt(0))
        .hasMessage("privacy: expected a finite clipping norm above 0, got 0.0");
    assertThatThrownBy(() -> Privacy.ofNoise(1).promise(10, 11, 1))
        .hasMessage("privacy: expected a batch of at most the 10 members, got 11");
  }

  /** The mean and variance of Binomial(200, 0.05), each member as often, and no batch twice. */
  @Test
  void samplesAreDrawnIndependently() {
    int[] members = IntStream.range(0, 200).map(i -> 3 * i).toArray();
    int steps = 4000;
    double sum = 0;
    double squares = 0;
    int empty = 0;
    int[] times = new int[600];
    Set<String> seen = new HashSet<>();
    for (int step = 0; step < steps; step++) {
      int[] taken = PoissonSample.of(5, step, members, 0.05);
      sum += taken.length;
      squares += (double) taken.length * taken.length;
      Arrays.stream(taken).forEach(i -> times[i]++);
      seen.add(Arrays.toString(taken));
      empty += PoissonSample.of(5, step, members, 1e-3).length == 0 ? 1 : 0;
    }
    double mean = sum / steps;
    assertThat(mean).isCloseTo(10, Offset.offset(4 * Math.sqrt(9.5 / steps)));
    assertThat(squares / steps - mean * mean).isCloseTo(9.5, Offset.offset(1.0));
    assertThat(empty / (double) steps).isCloseTo(Math.pow(0.999, 200), Offset.offset(0.03));
    assertThat(Arrays.stream(members).map(i -> times[i]).min().orElseThrow()).isGreaterThan(140);
    assertThat(Arrays.stream(times).sum()).isEqualTo((int) sum);
    assertThat(seen).hasSizeGreaterThan(steps - 5);
    assertThat(PoissonSample.of(5, 0, members, 1)).isEqualTo(members);
  }

  @Test
  void noiseIsStandardNormal() {
    int count = 1_000_001;
    double[] z = noise(count, 2.5, 1, 9, 3);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    double neighbours = 0;
    int tails = 0;
    for (int i = 0; i < count; i++) {
      double x = (z[i] - 7) / 2.5;
      sum += x;
      squares += x * x;
      fourth += x * x * x * x;
      tails += Math.abs(x) > 3 ? 1 : 0;
      neighbours += i > 0 ? x * (z[i - 1] - 7) / 2.5 : 0;
    }
    double deviation = 1 / Math.sqrt(count);
    assertThat(sum / count).isCloseTo(0, Offset.offset(4 * deviation));
    assertThat(squares / count).isCloseTo(1, Offset.offset(4 * Math.sqrt(2) * deviation));
    assertThat(fourth / count).isCloseTo(3, Offset.offset(4 * Math.sqrt(96) * deviation));
    assertThat(neighbours / count).isCloseTo(0, Offset.offset(4 * deviation));
    assertThat(tails / (double) count).isCloseTo(0.0026998, Offset.offset(2.1e-4));
  }

  @Test
  void noiseDependsOnSeedStepAndParameterAlone() {
    double[] z = noise(100_000, 1, 1, 2, 3);
    assertThat(noise(100_000, 1, 1, 2, 3)).isEqualTo(z);
    assertThat(noise(70_000, 1, 1, 2, 3)).isEqualTo(Arrays.copyOf(z, 70_000));
    assertThat(noise(100_000, 1, 2, 2, 3)).isNotEqualTo(z);
    assertThat(noise(100_000, 1, 1, 3, 3)).isNotEqualTo(z);
    assertThat(noise(100_000, 1, 1, 2, 4)).isNotEqualTo(z);
    assertThat(noise(10, 0, 1, 2, 3)).containsOnly(7);
  }

  /** Sevens, and noise. */
  private static double[] noise(int count, double deviation, long seed, long step, int parameter) {
    try (Backend backend = HostBackend.create();
        Scope scope = Scope.open()) {
      DenseTensor sum = Tensor.full(backend, Shape.of(count), 7);
      GaussianNoise.add(sum, deviation, seed, step, parameter);
      return sum.toDoubles();
    }
  }
}
