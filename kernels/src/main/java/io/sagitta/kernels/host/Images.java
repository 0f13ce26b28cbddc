package io.sagitta.kernels.host;

import io.sagitta.kernels.DType;

/**
 * The elements of a batch of images as kernels take them: a block of floats at a time, whatever
 * type they are stored in.
 *
 * <p>A block lies in order or, of images that are {@link #paired}, as its elements of even place
 * followed by those of odd place: that is how {@link Bf16Block} makes one fast. {@link RowTiles}
 * gives constants of channels in the same order.
 */
interface Images {

  /** Whether a block is its elements of even place, then those of odd place. */
  boolean paired();

  /**
   * Reads {@code n} elements from {@code start} on.
   *
   * @param start even where paired
   * @param half where in {@code block} the elements of odd place begin, if paired
   */
  void get(int start, int n, float[] block, int half);

  /** Writes what {@link #get} reads, rounded to what is stored. */
  void put(int start, int n, float[] block, int half);

  /** Images that are read; they must be of this type. */
  static Images read(HostBuffer images, DType type) {
    return type == DType.BF16
        ? new Bf16Images(images.words(), images.shorts())
        : new FloatImages(images.floats());
  }

  /** The same of images that may be absent: null of null. */
  static Images readIfAny(HostBuffer images, DType type) {
    return images == null ? null : read(images, type);
  }

  /** Images that are about to be written; they must be of this type. */
  static Images write(HostBuffer images, DType type) {
    return type == DType.BF16
        ? new Bf16Images(images.writeWords(), images.shorts())
        : new FloatImages(images.writeFloats());
  }
}
