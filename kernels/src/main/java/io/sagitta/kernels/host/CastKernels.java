package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.ElementwiseKernels.PART;

import io.sagitta.kernels.DType;
import java.nio.IntBuffer;

/** Between binary32 and bfloat16, two elements at a time, on their bits. */
final class CastKernels {
  private CastKernels() {}

  static void cast(HostBuffer x, HostBuffer y) {
    if (x.type() == DType.BF16 && y.type() == DType.F32) {
      widen(x, y);
    } else if (x.type() == DType.F32 && y.type() == DType.BF16) {
      round(x, y);
    } else {
      throw new IllegalArgumentException(
          "host cast: expected a buffer of F32 and one of BF16, got " + x.type() + " and "
              + y.type());
    }
  }

  private static void widen(HostBuffer x, HostBuffer y) {
    IntBuffer source = x.words();
    IntBuffer target = y.writeBits();
    int elements = Math.toIntExact(y.elements());
    ElementwiseKernels.chunks(elements / 2, PART, (stage, start, n) -> {
      int[] words = stage.ints(0, n);
      int[] bits = stage.ints(1, 2 * n);
      source.get(start, words, 0, n);
      for (int i = 0; i < n; i++) {
        bits[2 * i] = words[i] << 16;
        bits[2 * i + 1] = words[i] & 0xffff0000;
      }
      target.put(2 * start, bits, 0, 2 * n);
    });
    if (elements % 2 != 0) {
      target.put(elements - 1, x.shorts().get(elements - 1) << 16);
    }
  }

  private static void round(HostBuffer x, HostBuffer y) {
    IntBuffer source = x.bits();
    IntBuffer target = y.writeWords();
    int elements = Math.toIntExact(y.elements());
    ElementwiseKernels.chunks(elements / 2, PART, (stage, start, n) -> {
      int[] bits = stage.ints(0, 2 * n);
      int[] words = stage.ints(1, n);
      source.get(2 * start, bits, 0, 2 * n);
      Loops.roundBits(bits, 2 * n);
      for (int i = 0; i < n; i++) {
        words[i] = bits[2 * i] >>> 16 | bits[2 * i + 1] & 0xffff0000;
      }
      target.put(start, words, 0, n);
    });
    if (elements % 2 != 0) {
      int last = Loops.roundedBits(source.get(elements - 1));
      y.shorts().put(elements - 1, (short) (last >>> 16));
    }
  }
}
