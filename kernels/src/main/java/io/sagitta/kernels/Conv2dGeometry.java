package io.sagitta.kernels;

/**
 * The sizes of a two-dimensional convolution (cross-correlation), the same for its three forms.
 * Images are {@code [batch, height, width, inChannels]} and {@code [batch, outHeight(), outWidth(),
 * outChannels]}; weights are {@code [outChannels, inChannels / groups, kernelHeight, kernelWidth]},
 * as PyTorch stores them.
 *
 * @param stride rows and columns between outputs
 * @param padding zeros on each of the four sides
 * @param groups channels are cut into this many independent convolutions
 */
public record Conv2dGeometry(
    int batch,
    int height,
    int width,
    int inChannels,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int stride,
    int padding,
    int groups) {

  public Conv2dGeometry {
    if (stride < 1 || padding < 0 || groups < 1) {
      throw new IllegalArgumentException(
          "conv2d: expected stride >= 1, padding >= 0, groups >= 1; got stride "
              + stride + ", padding " + padding + ", groups " + groups);
    }
    if (batch < 0 || inChannels < 1 || outChannels < 1 || kernelHeight < 1 || kernelWidth < 1) {
      throw new IllegalArgumentException(
          "conv2d: expected batch >= 0 and at least one channel and kernel element; got batch "
              + batch + ", channels " + inChannels + " to " + outChannels
              + ", kernel " + kernelHeight + "x" + kernelWidth);
    }
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "conv2d: " + groups + " groups do not divide channels " + inChannels + " to "
              + outChannels);
    }
    if (height + 2 * padding < kernelHeight || width + 2 * padding < kernelWidth) {
      throw new IllegalArgumentException(
          "conv2d: a " + kernelHeight + "x" + kernelWidth + " kernel does not fit a "
              + height + "x" + width + " image with padding " + padding);
    }
  }

  /** Rows of the result. */
  public int outHeight() {
    return (height + 2 * padding - kernelHeight) / stride + 1;
  }

  /** Columns of the result. */
  public int outWidth() {
    return (width + 2 * padding - kernelWidth) / stride + 1;
  }

  /** Input channels that one output channel sees. */
  public int groupInChannels() {
    return inChannels / groups;
  }

  /** Output channels of one group. */
  public int groupOutChannels() {
    return outChannels / groups;
  }

  /** Elements of the input image batch. */
  public long inputElements() {
    return (long) batch * height * width * inChannels;
  }

  /** Elements of the output image batch. */
  public long outputElements() {
    return (long) batch * outHeight() * outWidth() * outChannels;
  }

  /** Elements of the weights. */
  public long weightElements() {
    return (long) outChannels * groupInChannels() * kernelHeight * kernelWidth;
  }

  /** The same convolution over another number of images. */
  public Conv2dGeometry withBatch(int newBatch) {
    return new Conv2dGeometry(
        newBatch, height, width, inChannels, outChannels, kernelHeight, kernelWidth, stride,
        padding, groups);
  }
}
