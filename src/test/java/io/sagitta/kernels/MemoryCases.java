package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;

/** What a backend says of itself, memory and copies in and out. */
final class MemoryCases {
  private MemoryCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("name", "one lower-case word", MemoryCases::name),
        new ConformanceCase("description", "one line", MemoryCases::description),
        new ConformanceCase("dtype", "a floating-point type", MemoryCases::dtype),
        new ConformanceCase("supports", "FP32 at least", MemoryCases::supports),
        new ConformanceCase("allocate", "type, length, one hold", MemoryCases::allocate),
        new ConformanceCase("allocate", "slices share", MemoryCases::slices),
        new ConformanceCase("allocate", "too much", MemoryCases::tooMuch),
        new ConformanceCase("liveBytes", "counts what is held", MemoryCases::liveBytes),
        new ConformanceCase("peakBytes", "is the greatest live", MemoryCases::peakBytes),
        new ConformanceCase("resetPeak", "starts again", MemoryCases::resetPeak),
        new ConformanceCase("memoryUse", "holds what is live", MemoryCases::memoryUse),
        new ConformanceCase("samplesAtOnce", "is no fewer", MemoryCases::samplesAtOnce),
        new ConformanceCase(
            "upload(float[],int,Buffer,long,int)", "a part", MemoryCases::uploadFloats),
        new ConformanceCase(
            "upload(double[],int,Buffer,long,int)", "rounds", MemoryCases::uploadDoubles),
        new ConformanceCase(
            "upload(int[],int,Buffer,long,int)", "a part", MemoryCases::uploadIndices),
        new ConformanceCase(
            "download(Buffer,long,float[],int,int)", "a part", MemoryCases::downloadFloats),
        new ConformanceCase(
            "download(Buffer,long,double[],int,int)", "a part", MemoryCases::downloadDoubles),
        new ConformanceCase(
            "download(Buffer,long,int[],int,int)", "a part", MemoryCases::downloadIndices),
        new ConformanceCase("synchronize", "with nothing to do", MemoryCases::synchronize),
        new ConformanceCase("record", "done again at each replay", MemoryCases::record),
        new ConformanceCase("close", "gives live buffers back", MemoryCases::close));
  }

  private static void name(Duel d) {
    assertThat(d.subject().name()).matches("[a-z][a-z0-9-]*");
  }

  private static void description(Duel d) {
    assertThat(d.subject().description()).isNotBlank().doesNotContain("\n");
  }

  private static void dtype(Duel d) {
    assertThat(d.subject().dtype()).isIn(DType.F32, DType.F64);
  }

  private static void supports(Duel d) {
    assertThat(d.subject().supports(Precision.FP32)).isTrue();
  }

  private static void memoryUse(Duel d) {
    Buffer held = d.subject().allocate(d.subject().dtype(), 1 << 20);
    d.subject().fill(held, 1);
    MemoryUse use = d.subject().memoryUse();
    assertThat(use.usedBytes()).isGreaterThanOrEqualTo(held.bytes());
    assertThat(use.totalBytes()).isGreaterThan(use.usedBytes());
    held.release();
  }

  private static void samplesAtOnce(Duel d) {
    int samples = d.subject().samplesAtOnce(48, 3072);
    assertThat(samples).isGreaterThanOrEqualTo(48);
    Buffer held = d.subject().allocate(d.subject().dtype(), 1 << 20);
    assertThat(d.subject().samplesAtOnce(48, 3072)).as("whatever is in use").isEqualTo(samples);
    held.release();
  }

  /** Doubles an element at each replay, by way of memory that is the recording's own. */
  private static void record(Duel d) {
    Backend b = d.subject();
    Buffer x = b.allocate(b.dtype(), 1);
    Recording recording =
        b.record(
            () -> {
              Buffer copy = b.allocate(b.dtype(), 1);
              b.affine(x, 1, 0, copy);
              b.binary(BinaryOp.ADD, x, copy, x);
              copy.release();
            });
    try (recording) {
      b.fill(x, 3);
      for (int i = 0; i < 3 && recording != null; i++) {
        recording.replay();
      }
      assertThat(read(b, x, 1)).containsExactly(recording == null ? 3 : 24);
    } finally {
      x.release();
    }
  }

  private static void allocate(Duel d) {
    for (DType type : List.of(d.subject().dtype(), DType.I32)) {
      for (long size : new long[] {0, 1, 7, 100_003}) {
        Buffer buffer = d.subject().allocate(type, size);
        assertThat(buffer.type()).isEqualTo(type);
        assertThat(buffer.elements()).isEqualTo(size);
        assertThat(buffer.bytes()).isEqualTo(size * type.bytes());
        assertThat(buffer.isLive()).isTrue();
        buffer.release();
        assertThat(buffer.isLive()).isFalse();
        assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  private static void slices(Duel d) {
    Backend b = d.subject();
    Buffer whole = b.allocate(b.dtype(), 10);
    b.fill(whole, 1);
    Buffer middle = whole.slice(2, 6);
    Buffer inner = middle.slice(1, 3);
    Buffer none = whole.slice(10, 0);
    assertThat(none.elements()).isZero();
    none.release();
    b.fill(inner, 5);
    assertThat(read(b, whole, 10)).containsExactly(1, 1, 1, 5, 5, 5, 1, 1, 1, 1);
    assertThat(read(b, middle, 6)).containsExactly(1, 5, 5, 5, 1, 1);

    whole.release();
    middle.release();
    assertThat(b.liveBytes()).as("held by the inner slice").isPositive();
    assertThat(read(b, inner, 3)).containsExactly(5, 5, 5);
    assertThatThrownBy(() -> inner.slice(2, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> inner.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> inner.slice(1, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> inner.slice(1, Long.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    inner.release();
    assertThat(b.liveBytes()).isZero();
    assertThatThrownBy(() -> b.fill(inner, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> b.fill(whole, 0)).isInstanceOf(IllegalStateException.class);
  }

  private static void tooMuch(Duel d) {
    assertThatThrownBy(() -> d.subject().allocate(d.subject().dtype(), 1L << 44))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("asked for");
    assertThat(d.subject().liveBytes()).isZero();
    assertThatThrownBy(() -> d.subject().allocate(d.subject().dtype(), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThat(d.subject().liveBytes()).isZero();
  }

  private static void liveBytes(Duel d) {
    Backend b = d.subject();
    assertThat(b.liveBytes()).isZero();
    Buffer first = b.allocate(b.dtype(), 1000);
    long one = b.liveBytes();
    assertThat(one).isBetween(first.bytes(), 2 * first.bytes());
    Buffer second = b.allocate(DType.I32, 1000);
    assertThat(b.liveBytes()).isGreaterThanOrEqualTo(one + second.bytes());
    second.retain();
    second.release();
    assertThat(b.liveBytes()).isGreaterThanOrEqualTo(one + second.bytes());
    second.release();
    assertThat(b.liveBytes()).isEqualTo(one);
    first.release();
    assertThat(b.liveBytes()).isZero();
    assertThatThrownBy(first::release).isInstanceOf(IllegalStateException.class);
    assertThat(b.liveBytes()).isZero();
  }

  private static void peakBytes(Duel d) {
    Backend b = d.subject();
    Buffer first = b.allocate(b.dtype(), 1000);
    Buffer second = b.allocate(b.dtype(), 5000);
    long both = b.liveBytes();
    second.release();
    assertThat(b.peakBytes()).isEqualTo(both);
    first.release();
    assertThat(b.peakBytes()).isEqualTo(both);
  }

  private static void resetPeak(Duel d) {
    Backend b = d.subject();
    Buffer first = b.allocate(b.dtype(), 1000);
    b.allocate(b.dtype(), 5000).release();
    b.resetPeak();
    assertThat(b.peakBytes()).isEqualTo(b.liveBytes());
    first.release();
    b.resetPeak();
    assertThat(b.peakBytes()).isZero();
  }

  private static void uploadFloats(Duel d) {
    Duel.Pair y = d.of(0, 0, 0, 0, 0);
    float[] source = {1, 2.5f, Float.NaN, Float.NEGATIVE_INFINITY, 5};
    d.run(on -> on.backend.upload(source, 1, on.at(y), 2, 3));
    d.run(on -> on.backend.upload(source, 5, on.at(y), 5, 0));
    d.check("y", y, Tolerance.exact("copied"));
    assertThat(d.actual(y)).containsExactly(0, 0, 2.5, Double.NaN, Double.NEGATIVE_INFINITY);
  }

  private static void uploadDoubles(Duel d) {
    Duel.Pair y = d.of(0, 0, 0, 0, 0, 0);
    double[] source = {9, 0.1, Math.PI, -1e-3, Double.NaN, 9};
    d.run(on -> on.backend.upload(source, 1, on.at(y), 2, 4));
    double[] rounded = new double[6];
    boolean narrow = d.subject().dtype() == DType.F32;
    for (int i = 0; i < 4; i++) {
      rounded[2 + i] = narrow ? (float) source[1 + i] : source[1 + i];
    }
    assertThat(d.actual(y)).containsExactly(rounded);
  }

  private static void uploadIndices(Duel d) {
    Duel.Pair y = d.indices(0, 0, 0, 0);
    int[] source = {7, Integer.MIN_VALUE, Integer.MAX_VALUE, 7};
    d.run(on -> on.backend.upload(source, 1, on.at(y), 2, 2));
    d.check("y", y, Tolerance.exact("copied"));
    assertThat(d.actual(y)).containsExactly(0, 0, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static void downloadFloats(Duel d) {
    Duel.Pair x = d.of(1, 0.1, 3, Double.NaN, 5);
    float[] target = new float[5];
    d.subject().download(d.onSubject(x), 1, target, 2, 3);
    assertThat(target).containsExactly(0, 0, 0.1f, 3, Float.NaN);
  }

  private static void downloadDoubles(Duel d) {
    Duel.Pair x = d.of(1, 0.1, 3, Double.NaN, 5);
    double[] target = new double[5];
    d.subject().download(d.onSubject(x), 1, target, 2, 3);
    assertThat(target).containsExactly(0, 0, 0.1f, 3, Double.NaN);
  }

  private static void downloadIndices(Duel d) {
    Duel.Pair x = d.indices(1, -2, Integer.MAX_VALUE, 4);
    int[] target = new int[4];
    d.subject().download(d.onSubject(x), 1, target, 2, 2);
    assertThat(target).containsExactly(0, 0, -2, Integer.MAX_VALUE);
  }

  private static void synchronize(Duel d) {
    Duel.Pair y = d.output(3);
    d.run(on -> on.backend.fill(on.at(y), 1));
    d.subject().synchronize();
    d.subject().synchronize();
    d.check("y", y, Tolerance.exact("constant"));
  }

  private static void close(Duel d) {
    Backend b = d.another();
    Buffer buffer = b.allocate(b.dtype(), 1000);
    Buffer slice = buffer.slice(10, 10);
    b.fill(slice, 1);
    b.close();
    assertThat(b.liveBytes()).isZero();
    slice.release();
    buffer.release();
    assertThat(b.liveBytes()).isZero();
    b.close();
  }

  private static double[] read(Backend b, Buffer buffer, int count) {
    double[] values = new double[count];
    b.download(buffer, 0, values, 0, count);
    return values;
  }
}
