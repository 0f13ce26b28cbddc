package io.sagitta.attack.report;

import io.sagitta.attack.metrics.Spread;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lines and points over two axes, either of which may be logarithmic. Points that are not numbers
 * are left out. Lines take the palette's colours in turn; what they are stands below the picture.
 */
public final class LineChart {
  private static final double THICK = 2;
  private static final double THIN = 1;
  private static final double DOT = 3.2;
  private static final double CIRCLE = 4.5;
  private static final double BAND = 0.15;
  private static final double KEY_LEFT = 56;
  private static final double KEY_GAP = 14;
  private static final float[] NO_DASHES = {};
  private static final float[] DASHES = {7, 3};
  private static final float[] DOTS = {2, 4};

  private final Axis x;
  private final Axis y;
  private final List<Line> lines = new ArrayList<>();

  private enum Kind {
    LINE, CURVE, REFERENCE, CIRCLES
  }

  /**
   * A line's points, in the axes' own places.
   *
   * @param low the lower edge of its band, with {@code high}; null for none
   */
  private record Line(
      String name, Kind kind, double[] x, double[] y, double[] low, double[] high) {}

  /** A picture without lines yet. */
  public LineChart(Axis x, Axis y) {
    this.x = x;
    this.y = y;
  }

  /** A line with a dot at each point. */
  public LineChart line(String name, double[] xs, double[] ys) {
    return add(name, Kind.LINE, xs, ys, null, null);
  }

  /** The same in a band from {@code low} to {@code high}. */
  public LineChart band(String name, double[] xs, double[] ys, double[] low, double[] high) {
    return add(name, Kind.LINE, xs, ys, low, high);
  }

  /** Means of shares in per cent, in a band of one standard deviation where there is one. */
  public LineChart band(String name, double[] xs, Spread[] shares) {
    double[] means = Arrays.stream(shares).mapToDouble(s -> 100 * s.mean()).toArray();
    double[] widths =
        Arrays.stream(shares)
            .mapToDouble(s -> Double.isNaN(s.deviation()) ? 0 : 100 * s.deviation())
            .toArray();
    double[] low = new double[xs.length];
    double[] high = new double[xs.length];
    Arrays.setAll(low, i -> means[i] - widths[i]);
    Arrays.setAll(high, i -> means[i] + widths[i]);
    return band(name, xs, means, low, high);
  }

  /** A function, drawn as a line without dots. */
  public LineChart curve(String name, double[] xs, DoubleUnaryOperator function) {
    return add(name, Kind.CURVE, xs, Arrays.stream(xs).map(function).toArray(), null, null);
  }

  /** A dotted line to compare with, without a colour of its own. */
  public LineChart reference(String name, double[] xs, double[] ys) {
    return add(name, Kind.REFERENCE, xs, ys, null, null);
  }

  /** Points. */
  public LineChart circles(String name, double[] xs, double[] ys) {
    return add(name, Kind.CIRCLES, xs, ys, null, null);
  }

  private LineChart add(
      String name, Kind kind, double[] xs, double[] ys, double[] low, double[] high) {
    int[] kept =
        IntStream.range(0, xs.length)
            .filter(i -> Double.isFinite(x.place(xs[i])) && Double.isFinite(y.place(ys[i])))
            .toArray();
    if (kept.length > 0) {
      lines.add(
          new Line(
              name, kind, places(x, xs, kept), places(y, ys, kept), places(y, low, kept),
              places(y, high, kept)));
    }
    return this;
  }

  private static double[] places(Axis axis, double[] values, int[] kept) {
    return values == null
        ? null
        : Arrays.stream(kept).mapToDouble(i -> axis.place(values[i])).toArray();
  }

  /**
   * The picture.
   *
   * @param name of its files, without an ending
   * @param title above it
   * @param caption below it: what it shows, in words
   */
  public Plot plot(String name, String title, String caption) {
    int height = (int) (Axes.HEIGHT + KEY_GAP + Key.height(lines.size()));
    return new Plot(name, title, caption, Picture.drawn(height, this::draw));
  }

  private void draw(Drawing drawing) {
    DoubleStream across = lines.stream().flatMapToDouble(line -> DoubleStream.of(line.x));
    DoubleStream up =
        lines.stream()
            .flatMap(line -> Stream.of(line.y, line.low, line.high))
            .filter(Objects::nonNull)
            .flatMapToDouble(DoubleStream::of);
    Axes axes = new Axes(drawing, x.scale(across), y.scale(up));
    axes.frame(x.title(), y.title());
    Key key = new Key(drawing, KEY_LEFT, Axes.HEIGHT + KEY_GAP);
    int coloured = 0;
    for (Line line : lines) {
      boolean reference = line.kind == Kind.REFERENCE;
      Color colour = reference ? Palette.MUTED : Palette.series(coloured);
      float[] dashes =
          reference ? DOTS : coloured >= Palette.SERIES ? DASHES : NO_DASHES;
      draw(axes, key, line, colour, dashes);
      coloured += reference ? 0 : 1;
    }
  }

  private static void draw(Axes axes, Key key, Line line, Color colour, float... dashes) {
    if (line.kind == Kind.CIRCLES) {
      axes.dots(line.x, line.y, CIRCLE, colour, 0.85);
      key.dot(line.name, colour);
      return;
    }
    double width = line.kind == Kind.REFERENCE ? THIN : THICK;
    if (line.low != null) {
      axes.area(around(line.x, line.x), around(line.low, line.high), colour, BAND);
    }
    axes.line(line.x, line.y, colour, width, dashes);
    if (line.kind == Kind.LINE) {
      axes.dots(line.x, line.y, DOT, colour, 1);
    }
    key.line(line.name, colour, width, dashes);
  }

  /** One way along the first and back along the second. */
  private static double[] around(double[] first, double[] second) {
    return DoubleStream.concat(
            DoubleStream.of(first),
            IntStream.range(0, second.length).mapToDouble(i -> second[second.length - 1 - i]))
        .toArray();
  }
}
