package io.sagitta.kernels.host;

import io.sagitta.kernels.DType;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Batch normalisation and sums of bfloat16 images by oneDNN. C2 on JDK 17 vectorises nothing that
 * changes the width of an element, so a plain loop would take longer to widen numbers than oneDNN
 * takes for all that is done with them. They are computed with as floats and rounded where they are
 * stored; those below the least normal one may count as zero.
 *
 * <p>Sums run position by position over the rows of a piece in float, a few dozen terms each, and
 * are folded into one double a channel.
 */
final class DnnlBf16 implements Bf16Kernels {
  /** Elements of a part of a sum of two images. */
  private static final int PART = 1 << 16;

  private final HostMemory memory;
  private final DnnlOperations operations;
  private final DnnlBf16Plans plans;

  /**
   * @param memory gives scratch memory
   * @param operations where what is made for some sizes is kept
   */
  DnnlBf16(Dnnl library, HostMemory memory, DnnlOperations operations) {
    this.memory = memory;
    this.operations = operations;
    this.plans = new DnnlBf16Plans(library);
  }

  @Override
  public void add(HostBuffer a, HostBuffer b, HostBuffer y) {
    a.check(DType.BF16);
    b.check(DType.BF16);
    y.check(DType.BF16);
    y.touch();
    Parallel.ranges(
        Math.toIntExact(y.elements()), PART, 32,
        (from, to) ->
            run(
                new DnnlBf16Plans.Add(to - from), address(a, from), address(b, from),
                address(y, from)));
  }

  @Override
  public void statistics(HostBuffer x, HostBuffer statistics, int rows, int channels) {
    x.check(DType.BF16);
    DnnlTiles tiles = new DnnlTiles(rows, channels);
    int parts = tiles.pieces.size();
    double[] counts = new double[parts];
    double[] means = new double[parts * channels];
    double[] squares = new double[parts * channels];
    Parallel.run(parts, p -> {
      DnnlTiles.Piece piece = tiles.pieces.get(p);
      counts[p] = piece.elements() / channels;
      try (DnnlFloats results = new DnnlFloats(memory, 2, piece.width())) {
        run(
            new DnnlBf16Plans.Statistics(piece.width(), piece.rows()),
            address(x, piece.start()), results.address(0), results.address(1));
        fold(results, piece, channels, means, squares, p * channels);
      }
    });
    NormChannels.putStatistics(counts, means, squares, channels, statistics);
  }

  /** Mean and summed squared deviation of each channel from means and variances of positions. */
  private static void fold(
      DnnlFloats results, DnnlTiles.Piece piece, int channels, double[] means, double[] squares,
      int offset) {
    int width = piece.width();
    float[] mean = Stage.get().floats(0, width);
    float[] variance = Stage.get().floats(1, width);
    results.get(0, mean);
    results.get(1, variance);
    NormChannels.fold(mean, width, channels, means, offset);
    double share = (double) channels / width;
    for (int c = 0; c < channels; c++) {
      means[offset + c] *= share;
    }
    for (int i = 0; i < width; i += channels) {
      for (int c = 0; c < channels; c++) {
        double off = mean[i + c] - means[offset + c];
        squares[offset + c] += piece.rows() * (variance[i + c] + off * off);
      }
    }
  }

  @Override
  public void apply(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer beta, HostBuffer residual,
      boolean relu, double epsilon, HostBuffer y, int rows, int channels) {
    x.check(DType.BF16);
    checkIfAny(residual);
    y.check(DType.BF16);
    y.touch();
    DnnlTiles tiles = new DnnlTiles(rows, channels);
    NormChannels.Normal by = NormChannels.normal(statistics, gamma, beta, epsilon, channels);
    try (DnnlFloats constants =
        DnnlFloats.of(
            memory, tiles.spread(by.mean()), tiles.spread(by.scale()),
            tiles.spread(by.shift()))) {
      each(
          tiles,
          piece ->
              run(
                  new DnnlBf16Plans.Apply(piece.width(), piece.rows(), residual != null, relu),
                  address(x, piece.start()), constants.address(0), constants.address(1),
                  constants.address(2), address(residual, piece.start()),
                  address(y, piece.start())));
    }
  }

  @Override
  public void sums(
      HostBuffer x, HostBuffer statistics, HostBuffer gradY, HostBuffer y, double epsilon,
      HostBuffer sums, int rows, int channels) {
    x.check(DType.BF16);
    gradY.check(DType.BF16);
    checkIfAny(y);
    DnnlTiles tiles = new DnnlTiles(rows, channels);
    int parts = tiles.pieces.size();
    double[] partial = new double[parts * 2 * channels];
    double[] one = new double[channels];
    Arrays.fill(one, 1);
    try (DnnlFloats constants =
        DnnlFloats.of(
            memory, tiles.spread(NormChannels.numbers(statistics, 0, channels)),
            tiles.spread(one))) {
      Parallel.run(
          parts,
          p ->
              partSums(
                  tiles.pieces.get(p), x, constants, gradY, y, channels, partial,
                  p * 2 * channels));
    }
    NormChannels.putSums(partial, statistics, epsilon, channels, sums);
  }

  private void partSums(
      DnnlTiles.Piece piece, HostBuffer x, DnnlFloats constants, HostBuffer gradY, HostBuffer y,
      int channels, double[] partial, int offset) {
    int width = piece.width();
    try (DnnlFloats results = new DnnlFloats(memory, 2, width)) {
      run(
          new DnnlBf16Plans.Sums(width, piece.rows(), y != null), address(x, piece.start()),
          constants.address(0), constants.address(1), address(gradY, piece.start()),
          address(y, piece.start()), results.address(0), results.address(1));
      float[] values = Stage.get().floats(0, width);
      results.get(0, values);
      NormChannels.fold(values, width, channels, partial, offset);
      results.get(1, values);
      NormChannels.fold(values, width, channels, partial, offset + channels);
    }
  }

  @Override
  public void gradInput(
      HostBuffer x, HostBuffer statistics, HostBuffer gamma, HostBuffer gradY, HostBuffer y,
      HostBuffer sums, double epsilon, HostBuffer gradX, int rows, int channels) {
    x.check(DType.BF16);
    gradY.check(DType.BF16);
    checkIfAny(y);
    gradX.check(DType.BF16);
    gradX.touch();
    DnnlTiles tiles = new DnnlTiles(rows, channels);
    NormChannels.Gradient by =
        NormChannels.gradient(statistics, gamma, sums, epsilon, rows, channels);
    try (DnnlFloats constants =
        DnnlFloats.of(
            memory, tiles.spread(by.mean()), tiles.spread(by.ofInput()),
            tiles.spread(by.constant()), tiles.spread(by.ofGradient()))) {
      each(
          tiles,
          piece ->
              run(
                  new DnnlBf16Plans.GradInput(piece.width(), piece.rows(), y != null),
                  address(x, piece.start()), constants.address(0), constants.address(1),
                  constants.address(2), address(gradY, piece.start()), constants.address(3),
                  address(y, piece.start()), address(gradX, piece.start())));
    }
  }

  private static void each(DnnlTiles tiles, Consumer<DnnlTiles.Piece> body) {
    Parallel.run(tiles.pieces.size(), p -> body.accept(tiles.pieces.get(p)));
  }

  private static void checkIfAny(HostBuffer buffer) {
    if (buffer != null) {
      buffer.check(DType.BF16);
    }
  }

  /** Where an element lies; 0 in a buffer that is absent. */
  private static long address(HostBuffer buffer, int element) {
    return buffer == null
        ? 0
        : DnnlAddress.of(buffer) + (long) DType.BF16.bytes() * element;
  }

  private void run(DnnlBf16Plans.Form form, long... arguments) {
    operations.use(
        form, () -> plans.build(form), operation -> operation.run(memory, null, arguments));
  }
}
