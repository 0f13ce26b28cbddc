package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Pool2dGeometry;

/** Pooling of images [N, H, W, C] over square windows. */
public final class Pooling {
  private Pooling() {}

  /** The maximum of each window; padding never wins. */
  public static Tensor maxPool2d(Tensor x, int window, int stride, int padding) {
    Pool2dGeometry g = geometry(x.shape(), window, stride, padding);
    DenseTensor winners = DenseTensor.allocate(x.backend(), DType.I32, outputShape(g));
    DenseTensor maxima = DenseTensor.allocate(x.backend(), x.type(), outputShape(g));
    if (g.outputElements() > 0) {
      x.backend().maxPool2d(g, x.value().buffer(), maxima.buffer(), winners.buffer());
    }
    return x == x.value() ? maxima : new MaxPool2d(g).apply(x, winners);
  }

  /** The mean of each window, padding counted as zeros. */
  public static Tensor avgPool2d(Tensor x, int window, int stride, int padding) {
    return new AvgPool2d(geometry(x.shape(), window, stride, padding)).apply(x);
  }

  /** The mean of each channel: [N, H, W, C] to [N, C]. */
  public static Tensor globalAvgPool2d(Tensor x) {
    return x.mean(1, 2);
  }

  static Shape outputShape(Pool2dGeometry g) {
    return Shape.of(g.batch(), g.outHeight(), g.outWidth(), g.channels());
  }

  static Shape inputShape(Pool2dGeometry g) {
    return Shape.of(g.batch(), g.height(), g.width(), g.channels());
  }

  private static Pool2dGeometry geometry(Shape x, int window, int stride, int padding) {
    if (x.rank() != 4) {
      throw new IllegalArgumentException("pool2d: expected images [N, H, W, C], got " + x);
    }
    return new Pool2dGeometry(x.dim(0), x.dim(1), x.dim(2), x.dim(3), window, stride, padding);
  }
}
