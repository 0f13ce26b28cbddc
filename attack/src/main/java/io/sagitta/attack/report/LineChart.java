package io.sagitta.attack.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Lines and points over two axes, either of which may be logarithmic. Points that are not numbers
 * are left out. Lines take the palette's colours in turn; their names stand below the picture.
 */
public final class LineChart {
  private static final int MARKER_PIXELS = 9;
  private static final int DOT_PIXELS = 4;
  private static final int BAND_ALPHA = 40;

  /** About the room for the marks of an axis. */
  private static final int MARKS_ACROSS = 330;

  private static final int MARKS_UP = 300;

  /** Room beyond the outermost marks of a logarithmic axis, without which they are not drawn. */
  private static final double MARGIN = 0.03;

  private static final float[] DASHES = {6, 4};
  private static final float[] DOTS = {2, 4};

  private final Axis x;
  private final Axis y;
  private final Map<String, Line> lines = new LinkedHashMap<>();

  private enum Kind {
    LINE, BAND, CURVE, REFERENCE, CIRCLES, SQUARES, DOTS
  }

  /** A line's points, in the axes' own places. */
  private record Line(Kind kind, double[] x, double[] y) {}

  /** A picture without lines yet. */
  public LineChart(Axis x, Axis y) {
    this.x = x;
    this.y = y;
  }

  /** A line with a mark at each point. */
  public LineChart line(String name, double[] xs, double[] ys) {
    return add(name, Kind.LINE, xs, ys);
  }

  /** The same in a band from {@code low} to {@code high}. */
  public LineChart band(String name, double[] xs, double[] ys, double[] low, double[] high) {
    double[] around = new double[2 * xs.length];
    double[] edge = new double[2 * xs.length];
    for (int i = 0; i < xs.length; i++) {
      around[i] = xs[i];
      around[around.length - 1 - i] = xs[i];
      edge[i] = low[i];
      edge[edge.length - 1 - i] = high[i];
    }
    add(name + " band", Kind.BAND, around, edge);
    return line(name, xs, ys);
  }

  /** A function, drawn as a line without marks. */
  public LineChart curve(String name, double[] xs, DoubleUnaryOperator function) {
    return add(name, Kind.CURVE, xs, Arrays.stream(xs).map(function).toArray());
  }

  /** A dotted line to compare with, without a colour of its own. */
  public LineChart reference(String name, double[] xs, double[] ys) {
    return add(name, Kind.REFERENCE, xs, ys);
  }

  /** Points as circles. */
  public LineChart circles(String name, double[] xs, double[] ys) {
    return add(name, Kind.CIRCLES, xs, ys);
  }

  /** Points as squares. */
  public LineChart squares(String name, double[] xs, double[] ys) {
    return add(name, Kind.SQUARES, xs, ys);
  }

  /** Many small points. */
  public LineChart dots(String name, double[] xs, double[] ys) {
    return add(name, Kind.DOTS, xs, ys);
  }

  private LineChart add(String name, Kind kind, double[] xs, double[] ys) {
    double[] placedX = Arrays.stream(xs).map(x::place).toArray();
    double[] placedY = Arrays.stream(ys).map(y::place).toArray();
    int[] kept =
        IntStream.range(0, xs.length)
            .filter(i -> Double.isFinite(placedX[i]) && Double.isFinite(placedY[i]))
            .toArray();
    if (kept.length > 0) {
      lines.put(name, new Line(kind, pick(placedX, kept), pick(placedY, kept)));
    }
    return this;
  }

  private static double[] pick(double[] values, int[] kept) {
    return Arrays.stream(kept).mapToDouble(i -> values[i]).toArray();
  }

  /**
   * The picture.
   *
   * @param name of its files, without an ending
   * @param title above it
   * @param caption below it: what it shows, in words
   */
  public Plot plot(String name, String title, String caption) {
    int named = (int) lines.values().stream().filter(line -> line.kind != Kind.BAND).count();
    XYChart chart = ChartStyle.chart(x.title(), y.title(), LegendPosition.OutsideS, named);
    XYStyler styler = chart.getStyler();
    styler.setLegendLayout(LegendLayout.Vertical);
    styler.setMarkerSize(MARKER_PIXELS);
    double[] across = range(x, lines.values().stream().flatMapToDouble(l -> DoubleStream.of(l.x)));
    double[] up = range(y, lines.values().stream().flatMapToDouble(l -> DoubleStream.of(l.y)));
    styler.setXAxisMin(across[0]).setXAxisMax(across[1]);
    styler.setYAxisMin(up[0]).setYAxisMax(up[1]);
    if (x.isLog()) {
      styler.setXAxisTickMarkSpacingHint((int) (MARKS_ACROSS / (across[1] - across[0])));
      styler.setXAxisTickLabelsFormattingFunction(at -> x.mark((int) Math.round(at)));
    } else {
      styler.setXAxisDecimalPattern("0.###");
    }
    if (y.isLog()) {
      styler.setYAxisTickMarkSpacingHint((int) (MARKS_UP / (up[1] - up[0])));
      styler.setYAxisTickLabelsFormattingFunction(at -> y.mark((int) Math.round(at)));
    } else {
      styler.setYAxisDecimalPattern("0.###");
    }
    paint(chart);
    return new Plot(name, title, caption, chart);
  }

  private static double[] range(Axis axis, DoubleStream placed) {
    double[] all =
        DoubleStream.concat(
                placed,
                DoubleStream.of(axis.from(), axis.to())
                    .filter(end -> !Double.isNaN(end))
                    .map(axis::place))
            .sorted()
            .toArray();
    double low = all.length == 0 ? 0 : all[0];
    double high = all.length == 0 ? 1 : all[all.length - 1];
    if (axis.isLog()) {
      low = Math.floor(low);
      return new double[] {low - MARGIN, Math.max(low + 1, Math.ceil(high)) + MARGIN};
    }
    double margin = high > low ? MARGIN * (high - low) : Math.max(1e-3, Math.abs(high) / 10);
    return new double[] {low - margin, high + margin};
  }

  private void paint(XYChart chart) {
    int colour = 0;
    for (Map.Entry<String, Line> entry : lines.entrySet()) {
      Line line = entry.getValue();
      XYSeries series = chart.addSeries(entry.getKey(), line.x, line.y);
      boolean reference = line.kind == Kind.REFERENCE;
      Color own = reference ? Palette.MUTED : Palette.series(colour);
      series.setLineColor(own);
      series.setMarkerColor(own);
      series.setMarker(marker(line.kind, colour));
      series.setXYSeriesRenderStyle(style(line));
      float[] dashes = reference ? DOTS : colour >= Palette.SERIES ? DASHES : null;
      series.setLineStyle(
          new BasicStroke(
              reference ? 1 : 2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dashes, 0));
      if (line.kind == Kind.BAND) {
        // Below its own line, which comes next and has the same colour.
        series.setShowInLegend(false);
        series.setLineColor(new Color(0, 0, 0, 0));
        series.setFillColor(new Color(own.getRed(), own.getGreen(), own.getBlue(), BAND_ALPHA));
      } else if (!reference) {
        colour++;
      }
      if (line.kind == Kind.DOTS) {
        chart.getStyler().setMarkerSize(DOT_PIXELS);
      }
    }
  }

  private static Marker marker(Kind kind, int colour) {
    return switch (kind) {
      case BAND, CURVE, REFERENCE -> SeriesMarkers.NONE;
      case SQUARES -> SeriesMarkers.SQUARE;
      case CIRCLES, DOTS -> SeriesMarkers.CIRCLE;
      case LINE -> colour < Palette.SERIES ? SeriesMarkers.CIRCLE : SeriesMarkers.SQUARE;
    };
  }

  private static XYSeriesRenderStyle style(Line line) {
    return switch (line.kind) {
      case BAND -> XYSeriesRenderStyle.PolygonArea;
      case CIRCLES, SQUARES, DOTS -> XYSeriesRenderStyle.Scatter;
      default -> line.x.length == 1 ? XYSeriesRenderStyle.Scatter : XYSeriesRenderStyle.Line;
    };
  }
}
