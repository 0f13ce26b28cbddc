package io.sagitta.engine.ops;

import io.sagitta.engine.Shape;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;

/**
 * What a convolution is told beside its arrays.
 *
 * @param stride rows and columns between outputs
 * @param padding zeros on each side
 * @param groups independent convolutions that the channels are cut into
 * @param precision the arithmetic
 */
public record ConvParameters(int stride, int padding, int groups, Precision precision) {
  /** The sizes for images of shape {@code x} and weights of shape {@code w}. */
  Conv2dGeometry geometry(Shape x, Shape w) {
    if (x.rank() != 4 || w.rank() != 4 || x.dim(3) != w.dim(1) * groups) {
      throw new IllegalArgumentException(
          "conv2d: expected images [N, H, W, C] and weights [K, C/groups, R, S], got " + x + " and "
              + w + " with " + groups + " group(s)");
    }
    return new Conv2dGeometry(
        x.dim(0), x.dim(1), x.dim(2), x.dim(3), w.dim(0), w.dim(2), w.dim(3), stride, padding,
        groups);
  }

  /** [N, H′, W′, K]. */
  static Shape outputShape(Conv2dGeometry g) {
    return Shape.of(g.batch(), g.outHeight(), g.outWidth(), g.outChannels());
  }

  /** Fails unless {@code gradient} has the shape of the result. */
  static void checkGradient(String op, Conv2dGeometry g, Shape gradient) {
    if (!outputShape(g).equals(gradient)) {
      throw new IllegalArgumentException(
          op + ": expected a gradient of shape " + outputShape(g) + ", got " + gradient);
    }
  }

  /** The same in another precision. */
  ConvParameters in(Precision other) {
    return new ConvParameters(stride, padding, groups, other);
  }
}
