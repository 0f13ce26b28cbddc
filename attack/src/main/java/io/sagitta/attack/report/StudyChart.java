package io.sagitta.attack.report;

import io.sagitta.attack.report.StudyReport.Row;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Error against speed on two logarithmic axes: a point a way to score, a line a series. */
final class StudyChart {
  /** Errors below this, zero among them, stand at it. */
  private static final double FLOOR = 1e-9;

  private static final int MARKER_PIXELS = 11;

  /** About the room for the marks of an axis; the legend stands on the right. */
  private static final int MARKS_ACROSS = 150;

  private static final int MARKS_UP = 300;

  /** Room beyond the outermost marks, without which they are not drawn. */
  private static final double MARGIN = 0.03;

  private StudyChart() {}

  static Plot of(StudyReport report) {
    XYChart chart =
        ChartStyle.chart("Samples a second", "Median relative error", LegendPosition.OutsideE);
    List<Row> points =
        report.rows().stream()
            .filter(row -> row.errors() != null && !Double.isNaN(row.errors().median()))
            .toList();
    XYStyler styler = chart.getStyler();
    double[] speeds = decades(points, row -> Math.log10(row.samplesPerSecond()));
    double[] errors = decades(points, StudyChart::logError);
    styler.setXAxisMin(speeds[0] - MARGIN);
    styler.setXAxisMax(speeds[1] + MARGIN);
    styler.setYAxisMin(errors[0] - MARGIN);
    styler.setYAxisMax(errors[1] + MARGIN);
    styler.setXAxisTickMarkSpacingHint((int) (MARKS_ACROSS / (speeds[1] - speeds[0])));
    styler.setYAxisTickMarkSpacingHint((int) (MARKS_UP / (errors[1] - errors[0])));
    styler.setXAxisTickLabelsFormattingFunction(StudyChart::power);
    styler.setYAxisTickLabelsFormattingFunction(StudyChart::power);
    styler.setMarkerSize(MARKER_PIXELS);
    Map<String, List<Row>> series =
        points.stream()
            .collect(
                Collectors.groupingBy(Row::series, LinkedHashMap::new, Collectors.toList()));
    int colour = 0;
    for (Map.Entry<String, List<Row>> entry : series.entrySet()) {
      List<Row> rows = entry.getValue();
      XYSeries line =
          chart.addSeries(
              entry.getKey(),
              rows.stream().mapToDouble(row -> Math.log10(row.samplesPerSecond())).toArray(),
              rows.stream().mapToDouble(StudyChart::logError).toArray());
      line.setXYSeriesRenderStyle(
          rows.size() == 1
              ? XYSeries.XYSeriesRenderStyle.Scatter
              : XYSeries.XYSeriesRenderStyle.Line);
      boolean square = entry.getKey().startsWith("plain") || colour >= Palette.SERIES;
      line.setMarker(square ? SeriesMarkers.SQUARE : SeriesMarkers.CIRCLE);
      line.setMarkerColor(Palette.series(colour));
      line.setLineColor(Palette.series(colour));
      colour++;
    }
    return new Plot(
        report.kind().stem(), "Error against speed",
        "Right is fast, down is accurate. "
            + (points.size() == series.size()
                ? "Squares subtract the losses of plain queries; circles carry the differences"
                    + " through the network."
                : "Along a line the trials grow in number to the left.")
            + " Both axes are logarithmic.",
        Picture.of(chart));
  }

  private static double logError(Row row) {
    return Math.log10(Math.max(FLOOR, row.errors().median()));
  }

  /** The powers of ten around all points, at least one apart. */
  private static double[] decades(List<Row> rows, ToDoubleFunction<Row> log) {
    double low = Math.floor(rows.stream().mapToDouble(log).min().orElse(0));
    double high = Math.ceil(rows.stream().mapToDouble(log).max().orElse(1));
    return new double[] {low, Math.max(low + 1, high)};
  }

  private static String power(double log) {
    int exponent = (int) Math.round(log);
    return Math.abs(exponent) > 2
        ? "1e" + exponent
        : BigDecimal.ONE.scaleByPowerOfTen(exponent).toPlainString();
  }
}
