package io.sagitta.engine;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import java.util.Arrays;

/**
 * A direction for each sample of a batch, made of random signs: {@code firstWeight·v +
 * secondWeight·u} with v and u what {@link io.sagitta.kernels.Philox#rademacher} of the seed makes
 * of the sample's two streams. It is a description, not numbers: a {@link Plan} hands it to the
 * kernels that read it.
 *
 * @param first v's stream for each sample
 * @param second u's stream for each sample; where {@code secondWeight} is 0, there is no u
 */
public record RandomDirection(
    long seed, long[] first, long[] second, double firstWeight, double secondWeight) {
  /** {@code weight·v}. */
  public static RandomDirection of(long seed, long[] streams, double weight) {
    return new RandomDirection(seed, streams, streams, weight, 0);
  }

  /**
   * The numbers, in the current scope.
   *
   * @param batch [samples, …]
   */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  public DenseTensor on(Backend backend, Shape batch) {
    try (Scope scope = Scope.open()) {
      RandomTensor random = RandomTensor.allocate(backend, batch);
      random.become(this);
      return scope.keep(random.value());
    }
  }

  @Override
  public String toString() {
    return "random direction " + firstWeight + "·v + " + secondWeight + "·u of " + first.length
        + " samples, seed " + seed + ", streams " + Arrays.toString(first) + ", "
        + Arrays.toString(second);
  }
}
