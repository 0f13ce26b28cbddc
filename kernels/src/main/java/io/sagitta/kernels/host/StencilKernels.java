package io.sagitta.kernels.host;

import static io.sagitta.kernels.host.Stage.CHUNK;

import io.sagitta.kernels.Pool2dGeometry;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** Odd and even parts of central differences through rectifiers, GELU and maximum pooling. */
final class StencilKernels {
  /** Elements of a part. */
  private static final int PART = 16384;

  /** Elements of a part where each costs some exponentials. */
  private static final int SLOW_PART = 512;

  private StencilKernels() {}

  /** Puts the parts of the result in the place of o and e; the other two arrays are scratch. */
  private interface Loop {
    void run(float[] s, float[] o, float[] e, float[] above, float[] below, int n);
  }

  static void relu(
      HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer oddY, HostBuffer evenY) {
    elementwise(PART, StencilKernels::relu, s, odd, even, oddY, evenY);
  }

  static void gelu(
      HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer oddY, HostBuffer evenY) {
    elementwise(
        SLOW_PART, (base, o, e, above, below, n) -> Gelu.stencil(base, o, e, n), s, odd, even, oddY,
        evenY);
  }

  private static void elementwise(
      int part, Loop loop, HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer oddY,
      HostBuffer evenY) {
    FloatBuffer values = s.floats();
    ImageElements odds = ImageElements.of(odd);
    ImageElements evens = even == null ? null : ImageElements.of(even);
    ImageElements oddTarget = ImageElements.written(oddY, odd);
    ImageElements evenTarget = ImageElements.written(evenY, odd);
    Parallel.ranges(Math.toIntExact(s.elements()), part, 16, (from, to) -> {
      Stage stage = Stage.get();
      for (int start = from; start < to; start += CHUNK) {
        int n = Math.min(CHUNK, to - start);
        float[] base = stage.floats(0, n);
        float[] o = stage.floats(1, n);
        float[] e = evens == null ? stage.zeros(2, n) : stage.floats(2, n);
        values.get(start, base, 0, n);
        odds.get(start, o, n);
        if (evens != null) {
          evens.get(start, e, n);
        }
        loop.run(base, o, e, stage.floats(3, n), stage.floats(4, n), n);
        oddTarget.put(start, o, n);
        evenTarget.put(start, e, n);
      }
    });
  }

  /**
   * With m = s + e/2, m = m⁺ + m⁻ and s = s⁺ + s⁻ split by sign: how far max(·, 0) lies at m ± o
   * from m⁺ is U, V = max(±o + m⁻, −m⁺), and m⁺ from s⁺ is W = max(e/2 + s⁻, −s⁺), all without
   * cancellation, and o′ = (U − V)/2, e′ = U + V + 2W.
   */
  private static void relu(
      float[] s, float[] o, float[] e, float[] above, float[] below, int n) {
    // One array written a loop: C2 does not vectorise where it is two. The positive part as
    // (x + |x|)/2, which is exact and cheaper than Math.max with its care for zeros.
    for (int i = 0; i < n; i++) {
      float middle = s[i] + 0.5f * e[i];
      float up = 0.5f * (middle + Math.abs(middle));
      above[i] = Math.max(o[i] + (middle - up), -up);
    }
    for (int i = 0; i < n; i++) {
      float middle = s[i] + 0.5f * e[i];
      float up = 0.5f * (middle + Math.abs(middle));
      below[i] = Math.max(middle - up - o[i], -up);
    }
    for (int i = 0; i < n; i++) {
      float up = 0.5f * (s[i] + Math.abs(s[i]));
      float shift = Math.max(0.5f * e[i] + (s[i] - up), -up);
      e[i] = above[i] + below[i] + 2f * shift;
    }
    for (int i = 0; i < n; i++) {
      o[i] = 0.5f * (above[i] - below[i]);
    }
  }

  /** In double; the result as the nearest float and what is left of it. */
  static void crossEntropy(
      HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer labels, HostBuffer y, int rows,
      int columns) {
    int[] label = IndexKernels.indices("stencilCrossEntropy", labels, rows, columns);
    FloatBuffer values = s.floats();
    FloatBuffer odds = odd.floats();
    FloatBuffer evens = even == null ? null : even.floats();
    FloatBuffer target = y.writeFloats();
    Parallel.ranges(rows, Math.max(1, SLOW_PART / Math.max(1, columns)), 1, (from, to) -> {
      Stage stage = Stage.get();
      float[] base = stage.floats(0, columns);
      float[] o = stage.floats(1, columns);
      float[] e = stage.zeros(2, columns);
      for (int row = from; row < to; row++) {
        values.get(row * columns, base, 0, columns);
        odds.get(row * columns, o, 0, columns);
        if (evens != null) {
          evens.get(row * columns, e, 0, columns);
        }
        double difference = crossEntropy(base, o, e, label[row], columns);
        float nearest = (float) difference;
        target.put(2 * row, nearest);
        target.put(2 * row + 1, (float) (difference - nearest));
      }
    });
  }

  private static double crossEntropy(float[] s, float[] o, float[] e, int label, int columns) {
    float greatest = s[0];
    for (int c = 1; c < columns; c++) {
      greatest = Math.max(greatest, s[c]);
    }
    double sum = 0;
    double above = 0;
    double below = 0;
    for (int c = 0; c < columns; c++) {
      double weight = Math.exp((double) s[c] - greatest);
      double half = e[c] / 2.0;
      sum += weight;
      above += weight * Math.expm1(half + o[c]);
      below += weight * Math.expm1(half - o[c]);
    }
    return Math.log1p(above / sum) + Math.log1p(below / sum) - e[label];
  }

  static void maxPool2d(
      Pool2dGeometry g, HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer winners,
      HostBuffer oddY, HostBuffer evenY) {
    FloatBuffer oddTarget = oddY.writeFloats();
    FloatBuffer evenTarget = evenY.writeFloats();
    int width = g.outWidth() * g.channels();
    int grain = Math.max(1, PART / (width * g.window() * g.window()));
    Parallel.ranges(g.batch() * g.outHeight(), grain, 1, (from, to) -> {
      Window window = new Window(g, s, odd, even, winners);
      for (int row = from; row < to; row++) {
        for (int column = 0; column < g.outWidth(); column++) {
          window.run(row, column);
          int start = row * width + column * g.channels();
          oddTarget.put(start, window.o, 0, g.channels());
          evenTarget.put(start, window.e, 0, g.channels());
        }
      }
    });
  }

  /**
   * The channels of one window: its winners at x ± d are looked for among the values less that of
   * the winner w at x, s_i − s_w + e_i/2 ± o_i; what is not a number wins.
   */
  private static final class Window {
    private final Pool2dGeometry g;
    private final FloatBuffer s;
    private final FloatBuffer odd;
    private final FloatBuffer even;
    private final IntBuffer winners;
    private final float[] o;
    private final float[] e;
    private final float[] values;
    private final float[] base;
    private final float[] above;
    private final float[] below;
    private final int[] winner;
    private final int[] winnerAbove;
    private final int[] winnerBelow;

    Window(Pool2dGeometry g, HostBuffer s, HostBuffer odd, HostBuffer even, HostBuffer winners) {
      this.g = g;
      this.s = s.floats();
      this.odd = odd.floats();
      this.even = even == null ? null : even.floats();
      this.winners = winners.ints();
      Stage stage = Stage.get();
      int channels = g.channels();
      o = stage.floats(0, channels);
      e = stage.floats(1, channels);
      values = stage.floats(2, channels);
      base = stage.floats(3, channels);
      above = stage.floats(4, channels);
      below = stage.floats(5, channels);
      winner = stage.ints(0, channels);
      winnerAbove = stage.ints(1, channels);
      winnerBelow = stage.ints(2, channels);
    }

    void run(int row, int column) {
      begin((row * g.outWidth() + column) * g.channels());
      int image = row / g.outHeight();
      int top = row % g.outHeight() * g.stride() - g.padding();
      int left = column * g.stride() - g.padding();
      for (int i = Math.max(0, top); i < Math.min(g.height(), top + g.window()); i++) {
        for (int j = Math.max(0, left); j < Math.min(g.width(), left + g.window()); j++) {
          member(((image * g.height() + i) * g.width() + j) * g.channels());
        }
      }
      for (int c = 0; c < g.channels(); c++) {
        end(c);
      }
    }

    private void begin(int start) {
      int channels = g.channels();
      winners.get(start, winner, 0, channels);
      Arrays.fill(e, 0, channels, 0);
      for (int c = 0; c < channels; c++) {
        base[c] = s.get(winner[c]);
        // Compared with a NaN at x, everything is one.
        above[c] = base[c] == base[c] ? Float.NEGATIVE_INFINITY : Float.NaN;
        below[c] = above[c];
        winnerAbove[c] = winner[c];
        winnerBelow[c] = winner[c];
      }
    }

    private void member(int place) {
      int channels = g.channels();
      s.get(place, values, 0, channels);
      odd.get(place, o, 0, channels);
      if (even != null) {
        even.get(place, e, 0, channels);
      }
      for (int c = 0; c < channels; c++) {
        float middle = values[c] - base[c] + 0.5f * e[c];
        if (wins(middle + o[c], above[c])) {
          above[c] = middle + o[c];
          winnerAbove[c] = place + c;
        }
        if (wins(middle - o[c], below[c])) {
          below[c] = middle - o[c];
          winnerBelow[c] = place + c;
        }
      }
    }

    private static boolean wins(float value, float best) {
      return value > best || value != value && best == best;
    }

    private void end(int c) {
      int j = winnerAbove[c];
      int k = winnerBelow[c];
      float ej = even == null ? 0 : even.get(j);
      float ek = even == null ? 0 : even.get(k);
      o[c] = 0.5f * (s.get(j) - s.get(k) + 0.5f * (ej - ek) + (odd.get(j) + odd.get(k)));
      float moved = s.get(j) - base[c] + (s.get(k) - base[c]);
      e[c] = moved + 0.5f * (ej + ek) + (odd.get(j) - odd.get(k));
    }
  }
}
