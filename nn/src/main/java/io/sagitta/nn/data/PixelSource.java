package io.sagitta.nn.data;

import java.util.List;

/** Where the pixels of a data set are. Any number of threads may ask. */
interface PixelSource {
  /** An array that holds an image, unsigned [H, W, C]; not to be changed. */
  byte[] array(int index);

  /** Where in its array an image begins. */
  int offset(int index);

  /** Whether an image is made anew each time that it is asked for. */
  boolean isMade();

  /** Images one after the other in one array. */
  static PixelSource of(byte[] pixels, int imageBytes) {
    return new PixelSource() {
      @Override
      public byte[] array(int index) {
        return pixels;
      }

      @Override
      public int offset(int index) {
        return index * imageBytes;
      }

      @Override
      public boolean isMade() {
        return false;
      }
    };
  }

  /** Images with an array each. */
  static PixelSource of(List<byte[]> images) {
    return new PixelSource() {
      @Override
      public byte[] array(int index) {
        return images.get(index);
      }

      @Override
      public int offset(int index) {
        return 0;
      }

      @Override
      public boolean isMade() {
        return false;
      }
    };
  }

  /** Some of the images, by their index here. */
  default PixelSource subset(int[] indices) {
    PixelSource all = this;
    return new PixelSource() {
      @Override
      public byte[] array(int index) {
        return all.array(indices[index]);
      }

      @Override
      public int offset(int index) {
        return all.offset(indices[index]);
      }

      @Override
      public boolean isMade() {
        return all.isMade();
      }
    };
  }
}
