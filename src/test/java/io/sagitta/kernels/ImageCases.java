package io.sagitta.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Random signs and batches of images, whose bits are the same everywhere. */
final class ImageCases {
  private static final Tolerance BITS = Tolerance.exact("made of the same bits");

  private ImageCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("rademacher", "every row length", ImageCases::rademacher),
        new ConformanceCase("rademacher", "more rows than a launch takes", ImageCases::manyRows),
        new ConformanceCase("rademacher", "has Philox's bits", ImageCases::signsOfPhilox),
        new ConformanceCase("cropFlip", "every shift and flip", ImageCases::cropFlip),
        new ConformanceCase(
            "freeDeviceBytes", "holds what is allocated", ImageCases::freeDeviceBytes));
  }

  private static void rademacher(Duel d) {
    for (int width : new int[] {0, 1, 31, 127, 128, 129, 3072, 4095, 4097, 9000}) {
      signs(d, -7 - width, width, 3, 1, 0);
      signs(d, width, width, 2, 1e-3, -1e-3);
    }
    signs(d, 1, 0, 0, 1, 0);
  }

  private static void manyRows(Duel d) {
    signs(d, Long.MAX_VALUE, 5, 515, 0.5, 0.25);
  }

  private static void signs(
      Duel d, long seed, int width, int rows, double first, double second) {
    Duel.Pair keys = d.indices(keys(seed, rows));
    Duel.Pair weights = d.of(first, second);
    Duel.Pair y = d.output((long) rows * width);
    d.run(
        on -> on.backend.rademacher(new RandomSigns(on.at(keys), on.at(weights)), on.at(y)));
    d.check(rows + " rows of " + width, y, BITS);
  }

  /** Keys of rows whose streams differ in both halves. */
  static int[] keys(long seed, int rows) {
    long[] first = new long[rows];
    long[] second = new long[rows];
    for (int r = 0; r < rows; r++) {
      first[r] = Philox.stream(r % 256, (1L << 33) * r + 5);
      second[r] = first[r] + 1;
    }
    return RandomSigns.keys(seed, first, second);
  }

  /** What the reference makes of keys is what Philox says, number by number. */
  private static void signsOfPhilox(Duel d) {
    int width = 300;
    byte[] v = new byte[width];
    byte[] u = new byte[width];
    new Philox(3).rademacher(Philox.stream(0, 5), v);
    new Philox(3).rademacher(Philox.stream(0, 5) + 1, u);
    double[] expected = new double[width];
    for (int e = 0; e < width; e++) {
      expected[e] = 0.5 * v[e] - 2 * u[e];
    }
    Duel.Pair keys = d.indices(keys(3, 1));
    Duel.Pair weights = d.of(0.5, -2);
    Duel.Pair y = d.output(width);
    d.run(
        on -> on.backend.rademacher(new RandomSigns(on.at(keys), on.at(weights)), on.at(y)));
    BITS.check("signs", d.actual(y), expected);
  }

  private static void cropFlip(Duel d) {
    cropFlip(d, 5, 6, 3);
    cropFlip(d, 1, 1, 1);
    cropFlip(d, 3, 131, 2);
  }

  private static void cropFlip(Duel d, int height, int width, int channels) {
    int count = 7;
    int bytes = count * height * width * channels;
    Duel.Pair images = d.indices(packed(bytes));
    Duel.Pair table = d.normal(256L * channels);
    int[] values = new int[4 * 11 * 11 * 2];
    for (int i = 0; i < values.length / 4; i++) {
      values[4 * i] = i % count;
      values[4 * i + 1] = i / 2 % 11 - 5;
      values[4 * i + 2] = i / 22 - 5;
      values[4 * i + 3] = i % 2;
    }
    int batch = values.length / 4;
    Duel.Pair draws = d.indices(values);
    Duel.Pair y = d.output((long) batch * height * width * channels);
    d.run(
        on ->
            on.backend.cropFlip(
                on.at(images), on.at(table), on.at(draws), on.at(y), batch, height, width,
                channels));
    d.check("views " + height + "x" + width + "x" + channels, y, BITS);
  }

  /** Bytes with and without the highest bit, four to an element. */
  private static int[] packed(int bytes) {
    int[] packed = new int[(bytes + 3) / 4];
    for (int i = 0; i < bytes; i++) {
      packed[i / 4] |= (i * 89 + 200 & 0xFF) << i % 4 * 8;
    }
    return packed;
  }

  private static void freeDeviceBytes(Duel d) {
    long free = d.subject().freeDeviceBytes();
    Buffer some = d.subject().allocate(DType.I32, 1 << 20);
    long left = d.subject().freeDeviceBytes();
    some.release();
    if (free == 0) {
      assertThat(left).isZero();
    } else {
      assertThat(left).isBetween(1L, free - (4 << 20));
    }
  }
}
