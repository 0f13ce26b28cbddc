package io.sagitta.bench.peers;

import io.sagitta.nn.models.ModelSpec;
import java.util.stream.IntStream;

/**
 * The residual networks that the peers in the JVM are built as.
 *
 * @param widths channels of each stage
 * @param blocks basic blocks of each stage
 */
record ResNetShape(int[] widths, int blocks) {
  /**
   * That of a network.
   *
   * @throws UnsupportedOperationException if it is another kind of network
   */
  static ResNetShape of(ModelSpec network) {
    return switch (network.architecture()) {
      case "resnet8" -> new ResNetShape(doubling(network.width(), 3), 1);
      case "resnet18" -> new ResNetShape(doubling(network.width(), 4), 2);
      default ->
          throw new UnsupportedOperationException(
              "residual networks only, no " + network.architecture());
    };
  }

  private static int[] doubling(int width, int stages) {
    return IntStream.range(0, stages).map(stage -> width << stage).toArray();
  }
}
