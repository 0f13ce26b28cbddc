package io.sagitta.nn.data;

import io.sagitta.nn.io.Hashes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Labelled images of one size, unsigned bytes [N, H, W, C]: in memory, up to 2 GiB, or decoded
 * where they are used. Never changes, so any number of threads may read it.
 */
public final class ImageDataset {
  private final String name;
  private final List<String> classNames;
  private final int height;
  private final int width;
  private final int channels;
  private final PixelSource pixels;
  private final int[] labels;
  private final Normalization normalization;
  private final float[][] table;
  private String hash;

  /**
   * @param name what the images are, such as {@code cifar100/train}
   * @param classNames one for each class
   * @param pixels unsigned, [N, height, width, channels]; kept, not copied
   * @param labels [N], each in 0 … classes − 1; kept, not copied
   * @param normalization with as many channels
   */
  public ImageDataset(
      String name,
      List<String> classNames,
      int height,
      int width,
      int channels,
      byte[] pixels,
      int[] labels,
      Normalization normalization) {
    this(
        name, classNames, height, width, channels,
        PixelSource.of(pixels, height * width * channels), labels, normalization, null);
    long expected = bytes();
    if (pixels.length != expected) {
      throw new IllegalArgumentException(
          "dataset " + name + ": expected " + expected + " bytes for " + labels.length + " images "
              + height + "x" + width + "x" + channels + ", got " + pixels.length);
    }
  }

  /**
   * @param hash as {@link #hash} computes it, or null where that is not known yet
   */
  ImageDataset(
      String name,
      List<String> classNames,
      int height,
      int width,
      int channels,
      PixelSource pixels,
      int[] labels,
      Normalization normalization,
      String hash) {
    this.name = name;
    this.classNames = List.copyOf(classNames);
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.pixels = pixels;
    this.labels = labels;
    this.normalization = normalization;
    this.table = normalization.table();
    this.hash = hash;
    requireConsistent();
  }

  private void requireConsistent() {
    if (height < 1 || width < 1 || channels != normalization.channels()) {
      throw new IllegalArgumentException(
          "dataset " + name + ": expected a positive size and " + normalization.channels()
              + " channels as normalised, got " + height + "x" + width + "x" + channels);
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes()) {
        throw new IllegalArgumentException(
            "dataset " + name + ": expected labels in 0.." + (classes() - 1) + ", got " + labels[i]
                + " at record " + i);
      }
    }
  }

  public String name() {
    return name;
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  public int classes() {
    return classNames.size();
  }

  public List<String> classNames() {
    return classNames;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  public int channels() {
    return channels;
  }

  /** The values of one image: height · width · channels. */
  public int imageElements() {
    return height * width * channels;
  }

  public Normalization normalization() {
    return normalization;
  }

  public int label(int index) {
    return labels[requireIndex(index)];
  }

  /** All labels, [N]; a copy. */
  public int[] labels() {
    return labels.clone();
  }

  /** The labels of some images, in their order. */
  public int[] labels(int[] indices) {
    return IntStream.of(indices).map(this::label).toArray();
  }

  /** One image's bytes, [H, W, C]; a copy. */
  public byte[] pixels(int index) {
    byte[] array = pixels.array(requireIndex(index));
    int from = pixels.offset(index);
    return Arrays.copyOfRange(array, from, from + imageElements());
  }

  /** SHA-256 of all pixels followed by all labels as little-endian 32-bit integers. */
  public synchronized String hash() {
    if (hash == null) {
      MessageDigest digest = Hashes.newSha256();
      Decoders.Taker<byte[]> taker =
          (index, array) -> digest.update(array, pixels.offset(index), imageElements());
      if (pixels.isMade()) {
        Decoders.inOrder(size(), pixels::array, taker);
      } else {
        IntStream.range(0, size()).forEach(index -> taker.take(index, pixels.array(index)));
      }
      hash = hash(digest, labels);
    }
    return hash;
  }

  /** Adds the labels to a digest of all pixels. */
  static String hash(MessageDigest digest, int[] labels) {
    ByteBuffer label = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : labels) {
      digest.update(label.putInt(0, value).array());
    }
    return Hashes.hex(digest);
  }

  /** A data set of some of the images, in the order given; repeats are allowed. */
  public ImageDataset subset(int[] indices) {
    return new ImageDataset(
        name, classNames, height, width, channels, pixels.subset(indices.clone()), labels(indices),
        normalization, null);
  }

  /** The first images, in file order; all of them when n is their number. */
  public ImageDataset first(int n) {
    if (n < 0 || n > size()) {
      throw new IllegalArgumentException(
          "dataset " + name + ": expected at most " + size() + " samples, got " + n);
    }
    return n == size() ? this : subset(IntStream.range(0, n).toArray());
  }

  /** One image as a network sees it, [H, W, C]. */
  public float[] normalized(int index) {
    float[] out = new float[imageElements()];
    copyView(index, 0, 0, false, out, 0);
    return out;
  }

  /**
   * Some images as a network sees them.
   *
   * @param out receives [indices.length, H, W, C] from its start
   */
  public void normalized(int[] indices, float[] out) {
    requireRoom(indices, out);
    each(indices.length, i -> copyView(indices[i], 0, 0, false, out, i * imageElements()));
  }

  /**
   * The same images mirrored left to right: the second view of the scores.
   *
   * @param out receives [indices.length, H, W, C] from its start
   */
  public void normalizedFlipped(int[] indices, float[] out) {
    requireRoom(indices, out);
    each(indices.length, i -> copyView(indices[i], 0, 0, true, out, i * imageElements()));
  }

  /** Whether images are decoded anew each time that they are used. */
  boolean isMade() {
    return pixels.isMade();
  }

  /** Does something with images 0 … count − 1 of a batch: several at once where that takes long. */
  void each(int count, IntConsumer work) {
    if (isMade()) {
      Decoders.all(count, work);
    } else {
      IntStream.range(0, count).forEach(work);
    }
  }

  /**
   * One view, normalised: output (y, x) is input (y + shiftY, x' + shiftX), with x' mirrored when
   * flipped; outside the image lies black (the byte 0), normalised like any pixel.
   */
  void copyView(int index, int shiftY, int shiftX, boolean flip, float[] out, int at) {
    byte[] array = pixels.array(requireIndex(index));
    int image = pixels.offset(index);
    for (int y = 0; y < height; y++) {
      int sourceY = y + shiftY;
      boolean rowInside = sourceY >= 0 && sourceY < height;
      int row = image + sourceY * width * channels;
      for (int x = 0; x < width; x++) {
        int sourceX = (flip ? width - 1 - x : x) + shiftX;
        boolean inside = rowInside && sourceX >= 0 && sourceX < width;
        int source = row + sourceX * channels;
        for (int c = 0; c < channels; c++) {
          out[at++] = table[c][inside ? array[source + c] & 0xFF : 0];
        }
      }
    }
  }

  /** Every pixel there is, by channel and byte: [channels, 256]. */
  float[] normalizedBytes() {
    float[] values = new float[channels * 256];
    for (int c = 0; c < channels; c++) {
      System.arraycopy(table[c], 0, values, c * 256, 256);
    }
    return values;
  }

  /** The bytes of all images. */
  long bytes() {
    return (long) size() * imageElements();
  }

  /**
   * Packs bytes four to an element, the first in its lowest bits; zeros follow the last.
   *
   * @param first the first element; element i has the bytes from 4i on
   */
  void pack(long first, int[] out, int count) {
    long from = first * Integer.BYTES;
    byte[] bytes = new byte[count * Integer.BYTES];
    int each = imageElements();
    int firstImage = (int) (from / each);
    int images = (int) ((Math.min(from + bytes.length, bytes()) - 1) / each) - firstImage + 1;
    each(images, i -> place(firstImage + i, from, bytes));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(out, 0, count);
  }

  /** Puts what of an image lies in a stretch of all images' bytes into it. */
  private void place(int index, long from, byte[] stretch) {
    long begin = (long) index * imageElements() - from;
    int skipped = (int) Math.max(0, -begin);
    int to = (int) Math.max(0, begin);
    int count = Math.min(imageElements() - skipped, stretch.length - to);
    System.arraycopy(pixels.array(index), pixels.offset(index) + skipped, stretch, to, count);
  }

  void requireRoom(int[] indices, float[] out) {
    long expected = (long) indices.length * imageElements();
    if (out.length < expected) {
      throw new IllegalArgumentException(
          "dataset " + name + ": expected room for " + expected + " values, got " + out.length);
    }
  }

  int requireIndex(int index) {
    if (index < 0 || index >= labels.length) {
      throw new IndexOutOfBoundsException(
          "dataset " + name + ": expected an index in 0.." + (labels.length - 1) + ", got "
              + index);
    }
    return index;
  }

  @Override
  public String toString() {
    return name + ": " + size() + " images " + height + "x" + width + "x" + channels + " of "
        + classes() + " classes";
  }
}
