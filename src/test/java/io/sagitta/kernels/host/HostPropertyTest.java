package io.sagitta.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sagitta.kernels.BinaryOp;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.UnaryOp;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Random sizes and strides against plain loops: lengths about the chunk, part and block sizes that
 * the kernels cut work by, and every way in which axes may merge.
 */
class HostPropertyTest {
  private HostBackend host;

  @BeforeTry
  void open() {
    host = HostBackend.createPlain();
  }

  @AfterTry
  void close() {
    host.close();
  }

  @Property(tries = 150, seed = "1")
  void copyMovesEveryElement(@ForAll @IntRange(max = 1 << 20) int seed) {
    Random random = new Random(seed);
    long[] shape = shape(random, 5, 40_000);
    long[] sourceStrides = shuffled(random, shape, random.nextInt(3));
    long[] targetStrides = shuffled(random, shape, random.nextInt(3));
    long sourceOffset = flip(random, shape, sourceStrides);
    long targetOffset = flip(random, shape, targetStrides);
    float[] source = values(random, extent(shape, sourceStrides));
    float[] expected = new float[extent(shape, targetStrides)];
    each(shape, at ->
        expected[(int) (targetOffset + dot(at, targetStrides))] =
            source[(int) (sourceOffset + dot(at, sourceStrides))]);
    Buffer target = upload(new float[expected.length]);
    host.copy(
        upload(source), sourceOffset, sourceStrides, target, targetOffset, targetStrides, shape);
    assertThat(download(target)).isEqualTo(expected);
  }

  @Property(tries = 150, seed = "2")
  void broadcastingRepeats(@ForAll @IntRange(max = 1 << 20) int seed) {
    Random random = new Random(seed);
    long[] shape = shape(random, 5, 40_000);
    long[] aStrides = repeated(random, shape);
    long[] bStrides = repeated(random, shape);
    BinaryOp op = BinaryOp.values()[random.nextInt(BinaryOp.values().length)];
    float[] a = values(random, extent(shape, aStrides));
    float[] b = values(random, extent(shape, bStrides));
    float[] expected = new float[extent(shape, shuffled(null, shape, 0))];
    int[] next = {0};
    each(shape, at ->
        expected[next[0]++] = apply(op, a[(int) dot(at, aStrides)], b[(int) dot(at, bStrides)]));
    Buffer y = upload(new float[expected.length]);
    host.binary(op, upload(a), aStrides, upload(b), bStrides, y, shape);
    assertThat(download(y)).as("%s", op).isEqualTo(expected);
  }

  @Property(tries = 150, seed = "3")
  void reductionsAgreeWithDoubles(@ForAll @IntRange(max = 1 << 20) int seed) {
    Random random = new Random(seed);
    int outer = edge(random, 300);
    int reduced = edge(random, 300_000 / outer);
    int inner = edge(random, 300_000 / outer / reduced);
    float[] x = values(random, outer * reduced * inner);
    Buffer source = upload(x);
    Buffer y = upload(new float[outer * inner]);
    host.sum(source, y, outer, reduced, inner);
    float[] sums = download(y);
    host.max(source, y, outer, reduced, inner);
    float[] maxima = download(y);
    for (int i = 0; i < outer * inner; i++) {
      double sum = 0;
      double magnitude = 0;
      float max = Float.NEGATIVE_INFINITY;
      for (int r = 0; r < reduced; r++) {
        float v = x[(i / inner * reduced + r) * inner + i % inner];
        sum += v;
        magnitude += Math.abs(v);
        max = Math.max(max, v);
      }
      assertThat((double) sums[i]).isCloseTo(sum, within(4e-7 * magnitude));
      assertThat(maxima[i]).isEqualTo(max);
    }
  }

  @Property(tries = 60, seed = "4")
  void elementwiseKernelsReachEveryElement(@ForAll @IntRange(max = 1 << 20) int seed) {
    Random random = new Random(seed);
    float[] x = values(random, edge(random, 100_000) - random.nextInt(2));
    float[] b = values(random, x.length);
    float[] masked = new float[x.length];
    float[] stepped = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      masked[i] = b[i] > 0 ? x[i] : 0;
      stepped[i] = x[i] > 0 ? 1 : 0;
    }
    Buffer y = upload(x);
    host.binary(BinaryOp.MASK, y, upload(b), y);
    assertThat(download(y)).isEqualTo(masked);
    host.unary(UnaryOp.STEP, upload(x), y);
    assertThat(download(y)).isEqualTo(stepped);
  }

  private static float apply(BinaryOp op, float a, float b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case GREATER -> a > b ? 1 : 0;
      case MASK -> b > 0 ? a : 0;
    };
  }

  /** A length up to {@code most}, often one at which the work is cut. */
  private static int edge(Random random, int most) {
    int[] cuts = {1, 2, 16, Stage.CHUNK, 2 * Stage.CHUNK, 32768, 65536};
    int length = random.nextBoolean()
        ? cuts[random.nextInt(cuts.length)] + random.nextInt(3) - 1
        : 1 + random.nextInt(100);
    return Math.max(1, Math.min(most, length));
  }

  private static long[] shape(Random random, int axes, int elements) {
    long[] shape = new long[1 + random.nextInt(axes)];
    for (int k = 0; k < shape.length; k++) {
      shape[k] = edge(random, elements);
      elements /= (int) shape[k];
    }
    for (int k = shape.length - 1; k > 0; k--) {
      swap(shape, k, random.nextInt(k + 1));
    }
    return shape;
  }

  /** Strides of the axes laid out in a random order, or in the given one, with gaps. */
  private static long[] shuffled(Random random, long[] shape, int gap) {
    long[] order = new long[shape.length];
    for (int k = 0; k < order.length; k++) {
      order[k] = k;
    }
    for (int k = order.length - 1; random != null && k > 0; k--) {
      swap(order, k, random.nextInt(k + 1));
    }
    long[] strides = new long[shape.length];
    long step = gap == 2 ? 2 : 1;
    for (int k = order.length - 1; k >= 0; k--) {
      strides[(int) order[k]] = step;
      step *= shape[(int) order[k]] + (gap == 1 ? 1 : 0);
    }
    return strides;
  }

  /** Contiguous strides, some of them 0. */
  private static long[] repeated(Random random, long[] shape) {
    long[] strides = shuffled(random.nextBoolean() ? null : random, shape, 0);
    for (int k = 0; k < strides.length; k++) {
      strides[k] = random.nextInt(3) == 0 ? 0 : strides[k];
    }
    return strides;
  }

  /** Turns some axes round; the offset that keeps everything in place. */
  private static long flip(Random random, long[] shape, long[] strides) {
    long offset = 0;
    for (int k = 0; k < shape.length; k++) {
      if (random.nextInt(4) == 0) {
        offset += (shape[k] - 1) * strides[k];
        strides[k] = -strides[k];
      }
    }
    return offset;
  }

  private static void swap(long[] values, int i, int j) {
    long kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }

  private static int extent(long[] shape, long[] strides) {
    long last = 0;
    for (int k = 0; k < shape.length; k++) {
      last += (shape[k] - 1) * Math.abs(strides[k]);
    }
    return (int) last + 1;
  }

  private static long dot(long[] at, long[] strides) {
    long sum = 0;
    for (int k = 0; k < at.length; k++) {
      sum += at[k] * strides[k];
    }
    return sum;
  }

  private interface Visitor {
    void visit(long[] at);
  }

  /** Every index of a box, in row-major order. */
  private static void each(long[] shape, Visitor visitor) {
    long[] at = new long[shape.length];
    int axis;
    do {
      visitor.visit(at);
      axis = shape.length - 1;
      while (axis >= 0 && ++at[axis] == shape[axis]) {
        at[axis--] = 0;
      }
    } while (axis >= 0);
  }

  private static float[] values(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextInt(50) == 0 ? 0 : (float) random.nextGaussian();
    }
    return values;
  }

  private Buffer upload(float[] values) {
    Buffer buffer = host.allocate(DType.F32, values.length);
    host.upload(values, 0, buffer, 0, values.length);
    return buffer;
  }

  private float[] download(Buffer buffer) {
    float[] values = new float[(int) buffer.elements()];
    host.download(buffer, 0, values, 0, values.length);
    return values;
  }
}
