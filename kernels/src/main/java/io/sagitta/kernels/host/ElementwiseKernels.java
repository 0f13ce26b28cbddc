package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.UnaryOp;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** Elementwise kernels over whole buffers of one length, at about the speed of memory. */
final class ElementwiseKernels {
  /** Elements of a part; a buffer this long or shorter is done by the calling thread. */
  static final int PART = 32768;

  /** Elements of a part where each costs a scalar function of some nanoseconds. */
  private static final int SLOW_PART = 2048;

  private static final Set<UnaryOp> SLOW =
      EnumSet.of(UnaryOp.EXP, UnaryOp.LOG, UnaryOp.TANH, UnaryOp.GELU);

  private ElementwiseKernels() {}

  /** What a kernel does with elements {@code start} to {@code start + n}, at most a chunk. */
  interface Body {
    void run(Stage stage, int start, int n);
  }

  static void fill(HostBuffer y, float value) {
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), PART, (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      Arrays.fill(values, 0, n, value);
      target.put(start, values, 0, n);
    });
  }

  static void unary(UnaryOp op, HostBuffer x, HostBuffer y) {
    if (op == UnaryOp.STEP) {
      step(x, y);
      return;
    }
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), part(op), (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      source.get(start, values, 0, n);
      Loops.unary(op, values, n);
      target.put(start, values, 0, n);
    });
  }

  /** Elements of a part of a function of one argument. */
  static int part(UnaryOp op) {
    return SLOW.contains(op) ? SLOW_PART : PART;
  }

  private static void step(HostBuffer x, HostBuffer y) {
    IntBuffer source = x.bits();
    IntBuffer target = y.writeBits();
    chunks(y.elements(), PART, (stage, start, n) -> {
      int[] values = stage.ints(0, n);
      source.get(start, values, 0, n);
      Loops.stepBits(values, n);
      target.put(start, values, 0, n);
    });
  }

  static void affine(HostBuffer x, float scale, float shift, HostBuffer y) {
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), PART, (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      source.get(start, values, 0, n);
      Loops.affine(values, scale, shift, n);
      target.put(start, values, 0, n);
    });
  }

  static void binary(BinaryOp op, HostBuffer a, HostBuffer b, HostBuffer y) {
    if (op == BinaryOp.MASK && a.type() == DType.BF16) {
      maskBf16(a, b, y);
      return;
    } else if (op == BinaryOp.MASK) {
      mask(a, b, y);
      return;
    }
    FloatBuffer left = a.floats();
    FloatBuffer right = b.floats();
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), PART, (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      float[] others = stage.floats(1, n);
      left.get(start, values, 0, n);
      right.get(start, others, 0, n);
      Loops.binary(op, values, others, n);
      target.put(start, values, 0, n);
    });
  }

  private static void mask(HostBuffer a, HostBuffer b, HostBuffer y) {
    IntBuffer left = a.bits();
    IntBuffer right = b.bits();
    IntBuffer target = y.writeBits();
    chunks(y.elements(), PART, (stage, start, n) -> {
      int[] values = stage.ints(0, n);
      int[] others = stage.ints(1, n);
      left.get(start, values, 0, n);
      right.get(start, others, 0, n);
      Loops.maskBits(values, others, n);
      target.put(start, values, 0, n);
    });
  }

  private static void maskBf16(HostBuffer a, HostBuffer b, HostBuffer y) {
    IntBuffer left = a.words();
    IntBuffer right = b.words();
    IntBuffer target = y.writeWords();
    int elements = Math.toIntExact(y.elements());
    chunks(elements / 2, PART, (stage, start, n) -> {
      int[] values = stage.ints(0, n);
      int[] others = stage.ints(1, n);
      left.get(start, values, 0, n);
      right.get(start, others, 0, n);
      Loops.maskWords(values, others, n);
      target.put(start, values, 0, n);
    });
    if (elements % 2 != 0) {
      boolean keep = Float.intBitsToFloat(b.shorts().get(elements - 1) << 16) > 0;
      y.shorts().put(elements - 1, keep ? a.shorts().get(elements - 1) : 0);
    }
  }

  static void accumulate(HostBuffer x, float scale, HostBuffer y) {
    FloatBuffer source = x.floats();
    FloatBuffer target = y.writeFloats();
    chunks(y.elements(), PART, (stage, start, n) -> {
      float[] values = stage.floats(0, n);
      float[] sums = stage.floats(1, n);
      source.get(start, values, 0, n);
      target.get(start, sums, 0, n);
      Loops.accumulate(sums, values, scale, n);
      target.put(start, sums, 0, n);
    });
  }

  static void sgd(
      HostBuffer weight, HostBuffer gradient, HostBuffer velocity, float rate, float momentum,
      float weightDecay, boolean nesterov) {
    FloatBuffer weights = weight.writeFloats();
    FloatBuffer gradients = gradient.floats();
    FloatBuffer velocities = velocity.writeFloats();
    chunks(weight.elements(), PART, (stage, start, n) -> {
      float[] w = stage.floats(0, n);
      float[] g = stage.floats(1, n);
      float[] v = stage.floats(2, n);
      weights.get(start, w, 0, n);
      gradients.get(start, g, 0, n);
      velocities.get(start, v, 0, n);
      Loops.accumulate(g, w, weightDecay, n);
      Loops.scaleAdd(v, momentum, g, n);
      if (nesterov) {
        Loops.accumulate(g, v, momentum, n);
        Loops.accumulate(w, g, -rate, n);
      } else {
        Loops.accumulate(w, v, -rate, n);
      }
      weights.put(start, w, 0, n);
      velocities.put(start, v, 0, n);
    });
  }

  /** Does all elements, a chunk at a time, on all threads. */
  static void chunks(long elements, int part, Body body) {
    Parallel.ranges(Math.toIntExact(elements), part, 16, (from, to) -> {
      Stage stage = Stage.get();
      for (int start = from; start < to; start += CHUNK) {
        body.run(stage, start, Math.min(CHUNK, to - start));
      }
    });
  }
}
