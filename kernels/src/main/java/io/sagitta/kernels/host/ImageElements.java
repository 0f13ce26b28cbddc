package io.sagitta.kernels.host;

import io.sagitta.kernels.DType;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;

/** Elements of images of float32 or bfloat16, floats or their bits wherever they are not in memory. */
interface ImageElements {
  /** The bits of one element. */
  int bits(int place);

  /** The bits of the {@code n} elements from {@code start} on. */
  void getBits(int start, int[] target, int n);

  /** Stores {@code n} elements from {@code start} on by their bits; the type has each number. */
  void putBits(int start, int[] source, int n);

  /** The {@code n} elements from {@code start} on. */
  void get(int start, float[] target, int n);

  /** Stores {@code n} elements from {@code start} on, rounded where they are bfloat16. */
  void put(int start, float[] source, int n);

  /** Those of a buffer that is read. */
  static ImageElements of(HostBuffer images) {
    return images.type() == DType.BF16
        ? new Bf16(images.shorts())
        : new F32(images.bits(), images.floats());
  }

  /** Those of a buffer that is about to be written, which has the type of the images read. */
  static ImageElements written(HostBuffer images, HostBuffer read) {
    images.check(read.type());
    images.touch();
    return of(images);
  }

  /** As they are. */
  record F32(IntBuffer bits, FloatBuffer floats) implements ImageElements {
    @Override
    public int bits(int place) {
      return bits.get(place);
    }

    @Override
    public void getBits(int start, int[] target, int n) {
      bits.get(start, target, 0, n);
    }

    @Override
    public void putBits(int start, int[] source, int n) {
      bits.put(start, source, 0, n);
    }

    @Override
    public void get(int start, float[] target, int n) {
      floats.get(start, target, 0, n);
    }

    @Override
    public void put(int start, float[] source, int n) {
      floats.put(start, source, 0, n);
    }
  }

  /** The upper halves of floats. */
  record Bf16(ShortBuffer halves) implements ImageElements {
    @Override
    public int bits(int place) {
      return halves.get(place) << 16;
    }

    @Override
    public void getBits(int start, int[] target, int n) {
      short[] staged = Stage.get().shorts(n);
      halves.get(start, staged, 0, n);
      for (int i = 0; i < n; i++) {
        target[i] = staged[i] << 16;
      }
    }

    @Override
    public void putBits(int start, int[] source, int n) {
      short[] staged = Stage.get().shorts(n);
      for (int i = 0; i < n; i++) {
        staged[i] = (short) (source[i] >>> 16);
      }
      halves.put(start, staged, 0, n);
    }

    @Override
    public void get(int start, float[] target, int n) {
      short[] staged = Stage.get().shorts(n);
      halves.get(start, staged, 0, n);
      for (int i = 0; i < n; i++) {
        target[i] = Float.intBitsToFloat(staged[i] << 16);
      }
    }

    @Override
    public void put(int start, float[] source, int n) {
      short[] staged = Stage.get().shorts(n);
      for (int i = 0; i < n; i++) {
        staged[i] = (short) (Loops.roundedBits(Float.floatToRawIntBits(source[i])) >>> 16);
      }
      halves.put(start, staged, 0, n);
    }
  }
}
