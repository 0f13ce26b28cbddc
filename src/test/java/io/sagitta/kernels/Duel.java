package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A backend beside the oracle, with the same numbers on both. Inputs are rounded to float32, so
 * that both sides start from the same bits. Outputs start as NaN. What no kernel may change, inputs
 * and the guards around slices, is looked at in the end.
 */
final class Duel implements AutoCloseable {
  /** Where the subject's elements lie. */
  enum Layout {
    /** In a buffer of their own. */
    WHOLE,
    /** In the middle of a longer buffer, from an odd element on. */
    SLICED
  }

  /** One of the things computed side by side. */
  final class Side {
    final Backend backend;
    private final int place;

    private Side(Backend backend, int place) {
      this.backend = backend;
      this.place = place;
    }

    Buffer at(Pair pair) {
      return pair.buffers[place] == null ? magnitudes(pair) : pair.buffers[place];
    }

    /** What the subject is asked for; the oracle computes with all its digits. */
    Precision precision(Precision asked) {
      return this == subject ? asked : Precision.FP32;
    }
  }

  /** The same elements on each side. */
  static final class Pair {
    private final Buffer[] buffers = new Buffer[3];
    private final double[] initial;
    private final boolean output;
    private boolean checked;
    private Buffer guarded;

    private Pair(double[] initial, boolean output) {
      this.initial = initial;
      this.output = output;
    }

    int size() {
      return initial.length;
    }

    /** What the elements were at first. */
    double[] initial() {
      return initial.clone();
    }
  }

  static final long SEED = 20240717;

  private static final int GUARD = 3;
  /** A number that every type has. */
  private static final double GUARD_VALUE = 12352;

  /** Normal numbers by index, NaN where none was asked for. */
  private static double[] drawn = {};

  private final Supplier<Backend> factory;
  private final Layout layout;
  private final Side oracle = new Side(new ReferenceBackend(), 0);
  private final Side subject;
  private final Side magnitude = new Side(oracle.backend, 2);
  private final List<Pair> pairs = new ArrayList<>();
  private final Philox random = new Philox(SEED);
  private long draws;

  Duel(Supplier<Backend> factory, Layout layout) {
    this.factory = factory;
    this.layout = layout;
    this.subject = new Side(factory.get(), 1);
  }

  /** The backend under test. */
  Backend subject() {
    return subject.backend;
  }

  /** Another backend of the same kind. */
  Backend another() {
    return factory.get();
  }

  /** The subject's buffer of a pair. */
  Buffer onSubject(Pair pair) {
    return subject.at(pair);
  }

  /** The budget of an elementwise kernel. */
  Tolerance elementwise() {
    return Tolerance.of(subject.backend.dtype());
  }

  // ---------------------------------------------------------------- elements

  /** An input of these numbers. */
  Pair of(double... values) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return make(new Pair(rounded, false), subject.backend.dtype());
  }

  /** An input of these numbers, rounded to bfloat16 and stored so by the subject. */
  Pair bf16(double... values) {
    return make(new Pair(Arrays.stream(values).map(Bf16::nearest).toArray(), false), DType.BF16);
  }

  /** An input of standard normal numbers, stored as bfloat16 by the subject. */
  Pair normalBf16(long size) {
    return bf16(normals(Math.toIntExact(size)));
  }

  /** An input of these indices. */
  Pair indices(int... values) {
    return make(new Pair(Arrays.stream(values).asDoubleStream().toArray(), false), DType.I32);
  }

  /** An input of standard normal numbers. */
  Pair normal(long size) {
    return of(normals(Math.toIntExact(size)));
  }

  /** An input of numbers between {@code low} and {@code high}. */
  Pair uniform(long size, double low, double high) {
    double[] values = new double[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = low + (high - low) * random.uniform(0, draws++);
    }
    return of(values);
  }

  /** An input of indices from 0 to {@code bound} − 1. */
  Pair indicesBelow(int bound, long size) {
    int[] values = new int[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.integer(0, draws++, bound);
    }
    return indices(values);
  }

  /** An output. */
  Pair output(long size) {
    double[] poison = new double[Math.toIntExact(size)];
    Arrays.fill(poison, Double.NaN);
    return make(new Pair(poison, true), subject.backend.dtype());
  }

  /** An output that the subject stores as bfloat16. */
  Pair outputBf16(long size) {
    double[] poison = new double[Math.toIntExact(size)];
    Arrays.fill(poison, Double.NaN);
    return make(new Pair(poison, true), DType.BF16);
  }

  /** {@link #normal}, stored by the subject as its own type or as {@link DType#BF16}. */
  Pair normal(DType stored, long size) {
    return stored == DType.BF16 ? normalBf16(size) : normal(size);
  }

  /** {@link #output}, stored likewise. */
  Pair output(DType stored, long size) {
    return stored == DType.BF16 ? outputBf16(size) : output(size);
  }

  /** An output of indices. */
  Pair outputIndices(long size) {
    double[] poison = new double[Math.toIntExact(size)];
    Arrays.fill(poison, Integer.MIN_VALUE);
    return make(new Pair(poison, true), DType.I32);
  }

  double[] normals(int size) {
    double[] values = drawn(random, Math.toIntExact(draws), size);
    draws += size;
    return values;
  }

  /** Every duel has the same seed, so most numbers were made before. */
  private static synchronized double[] drawn(Philox random, int from, int size) {
    int known = drawn.length;
    if (from + size > known) {
      drawn = Arrays.copyOf(drawn, Math.max(from + size, 2 * known));
      Arrays.fill(drawn, known, drawn.length, Double.NaN);
    }
    for (int i = from; i < from + size; i++) {
      if (Double.isNaN(drawn[i])) {
        drawn[i] = random.normal(0, i);
      }
    }
    return Arrays.copyOfRange(drawn, from, from + size);
  }

  // ---------------------------------------------------------------- computing and comparing

  /** Does the same on both sides. */
  void run(Consumer<Side> kernel) {
    kernel.accept(oracle);
    kernel.accept(subject);
  }

  /**
   * Does the same on both sides, and on a third with the magnitudes of the inputs: for a kernel
   * that adds up products of its inputs, this gives what rounding errors are proportional to.
   */
  void runOnMagnitudesToo(Consumer<Side> kernel) {
    run(kernel);
    kernel.accept(magnitude);
  }

  /** Compares, with the computed magnitudes as scale where there are such. */
  void check(String what, Pair pair, Tolerance tolerance) {
    double[] expected = expected(pair);
    Buffer scale = pair.buffers[magnitude.place];
    check(what, pair, tolerance, scale == null ? expected : read(oracle.backend, scale));
  }

  /** Compares, with the scale of each element given. */
  void check(String what, Pair pair, Tolerance tolerance, double[] scale) {
    tolerance.check(what, actual(pair), expected(pair), scale);
  }

  /** Compares the norm of the error with the norm of the result. */
  void checkNorm(String what, Pair pair, double limit) {
    Tolerance.checkNorm(what, actual(pair), expected(pair), limit);
  }

  /** The subject's elements, which counts as looking at an output. */
  double[] actual(Pair pair) {
    pair.checked = true;
    return read(subject.backend, pair.buffers[subject.place]);
  }

  /** The oracle's elements. */
  double[] expected(Pair pair) {
    return read(oracle.backend, pair.buffers[oracle.place]);
  }

  /** Every output was looked at, no input and no guard has changed. */
  void checkTraces() {
    for (Pair pair : pairs) {
      if (pair.output) {
        assertThat(pair.checked).as("an output of " + pair.size() + " was looked at").isTrue();
      } else if (!pair.checked) {
        double[] now = read(subject.backend, pair.buffers[subject.place]);
        assertThat(Arrays.mismatch(now, pair.initial))
            .as("the first changed element of an input of " + pair.size())
            .isEqualTo(-1);
      }
      if (pair.guarded != null) {
        checkGuards(pair);
      }
    }
  }

  /** Frees everything and asserts that nothing is left. */
  @Override
  public void close() {
    for (Pair pair : pairs) {
      for (Buffer buffer : pair.buffers) {
        if (buffer != null) {
          buffer.release();
        }
      }
      if (pair.guarded != null) {
        pair.guarded.release();
      }
    }
    long left = subject.backend.liveBytes();
    subject.backend.close();
    oracle.backend.close();
    assertThat(left).as("live bytes in the end").isZero();
  }

  private Pair make(Pair pair, DType type) {
    DType oracleType = type == DType.I32 ? DType.I32 : DType.F64;
    pairs.add(pair);
    int size = pair.initial.length;
    pair.buffers[oracle.place] = oracle.backend.allocate(oracleType, size);
    write(oracle.backend, pair.buffers[oracle.place], pair.initial);
    if (layout == Layout.WHOLE) {
      pair.buffers[subject.place] = subject.backend.allocate(type, size);
    } else {
      pair.guarded = subject.backend.allocate(type, size + 2 * GUARD);
      double[] guards = new double[size + 2 * GUARD];
      Arrays.fill(guards, GUARD_VALUE);
      write(subject.backend, pair.guarded, guards);
      pair.buffers[subject.place] = pair.guarded.slice(GUARD, size);
    }
    write(subject.backend, pair.buffers[subject.place], pair.initial);
    return pair;
  }

  private Buffer magnitudes(Pair pair) {
    Buffer like = pair.buffers[oracle.place];
    Buffer buffer = oracle.backend.allocate(like.type(), like.elements());
    pair.buffers[magnitude.place] = buffer;
    write(oracle.backend, buffer, Arrays.stream(pair.initial).map(Math::abs).toArray());
    return buffer;
  }

  private void checkGuards(Pair pair) {
    double[] all = read(subject.backend, pair.guarded);
    for (int i = 0; i < GUARD; i++) {
      assertThat(all[i]).as("guard before").isEqualTo(GUARD_VALUE);
      assertThat(all[all.length - 1 - i]).as("guard behind").isEqualTo(GUARD_VALUE);
    }
  }

  private static void write(Backend backend, Buffer buffer, double[] values) {
    if (buffer.type() == DType.I32) {
      int[] indices = Arrays.stream(values).mapToInt(v -> (int) v).toArray();
      backend.upload(indices, 0, buffer, 0, indices.length);
    } else if (buffer.type() == DType.BF16) {
      Buffer wide = backend.allocate(backend.dtype(), values.length);
      backend.upload(values, 0, wide, 0, values.length);
      backend.cast(wide, buffer);
      wide.release();
    } else {
      backend.upload(values, 0, buffer, 0, values.length);
    }
  }

  private static double[] read(Backend backend, Buffer buffer) {
    backend.synchronize();
    int size = Math.toIntExact(buffer.elements());
    if (buffer.type() == DType.I32) {
      int[] indices = new int[size];
      backend.download(buffer, 0, indices, 0, size);
      return Arrays.stream(indices).asDoubleStream().toArray();
    }
    if (buffer.type() == DType.BF16) {
      Buffer wide = backend.allocate(backend.dtype(), size);
      backend.cast(buffer, wide);
      double[] values = read(backend, wide);
      wide.release();
      return values;
    }
    double[] values = new double[size];
    backend.download(buffer, 0, values, 0, size);
    return values;
  }
}
