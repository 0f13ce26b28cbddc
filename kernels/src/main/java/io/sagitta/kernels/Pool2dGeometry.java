package io.sagitta.kernels;

/**
 * The sizes of a two-dimensional pooling with a square window over {@code [batch, height, width,
 * channels]}. Padding never wins a maximum and, as in PyTorch's default, counts as zeros in an
 * average.
 *
 * @param window rows and columns of the window
 * @param stride rows and columns between windows
 * @param padding rows and columns on each side; at most half the window
 */
public record Pool2dGeometry(
    int batch, int height, int width, int channels, int window, int stride, int padding) {

  public Pool2dGeometry {
    if (window < 1 || stride < 1 || padding < 0 || 2 * padding > window) {
      throw new IllegalArgumentException(
          "pool2d: expected window >= 1, stride >= 1, 0 <= padding <= window/2; got window "
              + window + ", stride " + stride + ", padding " + padding);
    }
    if (batch < 0 || channels < 1
        || height + 2 * padding < window || width + 2 * padding < window) {
      throw new IllegalArgumentException(
          "pool2d: a window of " + window + " with padding " + padding + " does not fit ["
              + batch + ", " + height + ", " + width + ", " + channels + "]");
    }
  }

  /** Rows of the result. */
  public int outHeight() {
    return (height + 2 * padding - window) / stride + 1;
  }

  /** Columns of the result. */
  public int outWidth() {
    return (width + 2 * padding - window) / stride + 1;
  }

  /** Elements of the input. */
  public long inputElements() {
    return (long) batch * height * width * channels;
  }

  /** Elements of the output. */
  public long outputElements() {
    return (long) batch * outHeight() * outWidth() * channels;
  }
}
