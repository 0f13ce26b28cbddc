package io.sagitta.attack.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How every picture looks; sized so that its words stay readable on a telephone. */
final class ChartStyle {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 400;
  private static final int LEGEND_LINE = 24;
  private static final Color CLEAR = new Color(0, 0, 0, 0);
  private static final Font LABELS = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Font TITLES = new Font(Font.SANS_SERIF, Font.PLAIN, 13);

  static {
    // Pictures are painted without a screen; AWT must know before it starts.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private ChartStyle() {}

  static XYChart chart(String xTitle, String yTitle, LegendPosition legend) {
    return chart(xTitle, yTitle, legend, 0);
  }

  /**
   * The same with room for a legend below.
   *
   * @param names how many lines it has
   */
  static XYChart chart(String xTitle, String yTitle, LegendPosition legend, int names) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT + names * LEGEND_LINE)
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    XYStyler styler = chart.getStyler();
    styler.setChartBackgroundColor(CLEAR);
    styler.setPlotBackgroundColor(CLEAR);
    styler.setPlotBorderVisible(false);
    styler.setChartTitleVisible(false);
    styler.setChartPadding(6);
    styler.setPlotMargin(0);
    styler.setPlotContentSize(1);
    styler.setLegendPosition(legend);
    styler.setLegendBackgroundColor(CLEAR);
    styler.setLegendBorderColor(CLEAR);
    styler.setLegendFont(LABELS);
    styler.setAxisTitleFont(TITLES);
    styler.setAxisTickLabelsFont(LABELS);
    styler.setChartFontColor(Palette.INK);
    styler.setAxisTickLabelsColor(Palette.MUTED);
    styler.setAxisTickMarksColor(Palette.MUTED);
    styler.setPlotGridLinesColor(Palette.GRID);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setSeriesMarkers(new Marker[] {SeriesMarkers.NONE});
    return chart;
  }
}
