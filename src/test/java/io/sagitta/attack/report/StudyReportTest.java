package io.sagitta.attack.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** A study's files say one thing, and need nothing else. */
class StudyReportTest {
  private static final double[] X = {1e-5, 1e-3, 1e-1};

  @TempDir Path folder;

  private static StudyReport report() {
    DataTable rows =
        DataTable.of("rows", "All <rows>")
            .text("what", "What").figure("value", "Value").percent("share", "Share, %")
            .count("count", "Count").correlation("correlation", "Correlation").hidden("h");
    rows.row("a, \"b\" & <c>", 0.123456789, 0.5, 12345, 0.9999949, 1e-3);
    rows.row("none", Double.NaN, null, 7, Double.NaN, null);
    DataTable details = DataTable.inFiles("details").text("name", "name").count("n", "n");
    details.row("x", 1);
    DataTable empty = DataTable.of("nothing", "An empty table").text("name", "name");
    LineChart chart =
        new LineChart(Axis.log("h"), Axis.log("error").notBelow(1e-9))
            .line("first & last", X, new double[] {1e-12, 1, Double.NaN})
            .circles("points", X, new double[] {1, 10, 100})
            .reference("level", X, new double[] {1, 1, 1});
    return new StudyReport("thing", "A <thing>", "What is it?")
        .found("It is 5 < 6.")
        .fact("samples", 3)
        .fact("missing", Double.NaN)
        .table(rows)
        .table(details)
        .table(empty)
        .plot(chart.plot("thing", "Lines", "They <fall>."))
        .note("A note & more.")
        .setup(Map.of("Device", "<host>"));
  }

  @Test
  void filesHoldAllDigitsAndThePageWhatReadersNeed() throws IOException {
    Path page = report().write(folder.resolve("made/here"));
    Path out = page.getParent();
    assertThat(page).isEqualTo(out.resolve("thing.html"));
    JsonNode json = new ObjectMapper().readTree(out.resolve("thing.json").toFile());
    assertThat(json.get("samples").asInt()).isEqualTo(3);
    assertThat(json.get("missing").isNull()).isTrue();
    assertThat(json.get("rows").get(0).get("value").asDouble()).isEqualTo(0.123456789);
    assertThat(json.get("rows").get(1).get("value").isNull()).isTrue();
    assertThat(json.get("details").get(0).get("n").asInt()).isEqualTo(1);
    assertThat(Files.readAllLines(out.resolve("thing.csv")))
        .containsExactly(
            "what,value,share,count,correlation,h",
            "\"a, \"\"b\"\" & <c>\",0.123456789,0.5,12345,0.9999949,0.001", "none,,,7,,");
    assertThat(Files.readAllLines(out.resolve("thing-details.csv")))
        .containsExactly("name,n", "x,1");
    String html = Files.readString(page);
    assertThat(html)
        .contains("A &lt;thing&gt;", "It is 5 &lt; 6.", "All &lt;rows&gt;", "&lt;host&gt;")
        .contains(">0.1235<", ">50.00<", ">12,345<", ">0.99999<", ">–<")
        .contains("prefers-color-scheme:dark", "data-heading=\"Share, %\"")
        .doesNotContain("An empty table", "{{", ">x<", ">0.001000<")
        .doesNotContainPattern("(?i)https?:|src=|href=|@import|<script|<link|url\\((?!#)");
  }

  @Test
  void picturesDecodeInEveryForm() throws Exception {
    Path out = report().write(folder).getParent();
    BufferedImage png = ImageIO.read(out.resolve("thing.png").toFile());
    assertThat(png.getWidth()).isGreaterThan(800);
    assertThat(colour(png, Palette.series(0))).as("the first line").isPositive();
    assertThat(colour(png, Palette.series(1))).as("the points").isPositive();
    Document svg = parse(Files.readAllBytes(out.resolve("thing.svg")));
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("first & last", "points", "level", "10⁻⁵", "0.1", "error");
    Matcher inline =
        Pattern.compile("<svg.*?</svg>", Pattern.DOTALL)
            .matcher(Files.readString(out.resolve("thing.html")));
    assertThat(inline.find()).isTrue();
    assertThat(inline.group()).contains("var(--series-1)", "They &lt;fall&gt;.");
    parse(inline.group().getBytes(StandardCharsets.UTF_8));
  }

  private static long colour(BufferedImage image, Color colour) {
    int[] all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(all).filter(rgb -> rgb == colour.getRGB()).count();
  }

  private static Document parse(byte[] xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml));
  }

  @Test
  void theScreenShowsTheFirstTableAndWhatWasFound() {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    report().print(out);
    out.flush();
    List<String> lines = text.toString().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).isEqualTo("What           Value  Share, %   Count  Correlation");
    assertThat(lines.get(2)).isEqualTo("none               –                 7            –");
    assertThat(lines.get(3)).isEqualTo("It is 5 < 6.");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> DataTable.of("rows", "Rows").text("a", "A").row("x", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("table rows: expected 1 cells, got 2");
  }

  @Test
  void axesShowWhatLiesOnThem() {
    Scale powers = Axis.log("x").scale(DoubleStream.of(-4.5, 1.2));
    assertThat(powers.from()).isEqualTo(-5);
    assertThat(powers.to()).isEqualTo(2);
    Scale doubling = Axis.doubling("n").scale(DoubleStream.of(1, 4));
    assertThat(doubling.marks()).extracting(Scale.Mark::label).containsExactly("2", "4", "8", "16");
    Scale shares =
        Axis.linear("%").between(50, 100).scale(DoubleStream.of(60, 70));
    assertThat(shares.from()).isBetween(45.0, 50.0);
    assertThat(shares.to()).isBetween(100.0, 105.0);
    Scale one = Axis.linear("x").scale(DoubleStream.of(3));
    assertThat(one.from()).isLessThan(3);
    assertThat(one.to()).isGreaterThan(3);
    assertThat(Axis.log("x").scale(DoubleStream.empty()).to()).isEqualTo(1);
  }
}
