package io.sagitta.attack.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.methods.SyntheticScores;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.run.ScoreSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

/** The report's files say one thing, and need nothing else. */
class ReportsTest {
  private static final RunInfo INFO =
      new RunInfo(
          "Audit of <script>alert(1)</script> & others",
          new LinkedHashMap<>(Map.of("Data set", "synthetic \"quoted\" <b>")),
          Map.of("masks.safetensors", "ab".repeat(32)),
          List.of(
              new RunInfo.Model(0, "shadow", 0.8, 0.4, 0.6123, ""),
              new RunInfo.Model(1, "shadow", Double.NaN, Double.NaN, Double.NaN, "NaN at step 7")),
          List.of("Model 1 stopped: its loss was NaN at step 7."));
  private static final List<String> PLOTS =
      List.of("roc-corrected", "roc-paper", "histogram-curvature", "histogram-loss");

  @TempDir static Path folder;
  private static AttackResults results;
  private static JsonNode json;
  private static String html;

  @BeforeAll
  static void write() throws IOException {
    ScoreSet scores = SyntheticScores.make(3, 10, 300);
    results =
        AttackRun.evaluate(
            scores, new int[] {8, 9},
            AttackSettings.of(EnumSet.allOf(Mode.class)).withBootstrap(new Bootstrap(0, 50)));
    Path out = folder.resolve("made/by/write");
    Reports.write(out, results, INFO);
    folder = out;
    json = new ObjectMapper().readTree(out.resolve("attack.json").toFile());
    html = Files.readString(out.resolve("report.html"));
  }

  @Test
  void csvEqualsJson() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("attack.csv"));
    assertThat(lines.get(0))
        .startsWith(
            "attack,mode,target,auroc,balanced_accuracy,tpr_at_1e-2,tpr_at_1e-3,tpr_at_1e-4,");
    List<String> header = Arrays.asList(lines.get(0).split(","));
    assertThat(lines).hasSize(1 + 4 * 2 * 2);
    assertThat(json.get("results")).hasSize(4 * 2 * 2);
    for (int row = 1; row < lines.size(); row++) {
      String[] cells = lines.get(row).split(",", -1);
      JsonNode result = json.get("results").get(row - 1);
      assertThat(cells).hasSameSizeAs(header);
      for (String name : List.of("attack", "mode", "target", "members", "nonmembers", "unscored")) {
        assertThat(cells[header.indexOf(name)]).isEqualTo(result.get(name).asText());
      }
      for (Figures.Column column : Figures.COLUMNS) {
        String name = column.name();
        JsonNode interval = result.get("interval_95").get(name);
        assertThat(number(cells, header, name)).isEqualTo(result.get(name).asDouble());
        assertThat(number(cells, header, name + "_low")).isEqualTo(interval.get(0).asDouble());
        assertThat(number(cells, header, name + "_high")).isEqualTo(interval.get(1).asDouble());
      }
    }
  }

  private static double number(String[] cells, List<String> header, String name) {
    return Double.parseDouble(cells[header.indexOf(name)]);
  }

  @Test
  void tablesEqualJson() {
    for (JsonNode summary : json.get("summary")) {
      String row = row("summary", summary, "");
      for (Figures.Column column : Figures.COLUMNS) {
        check(row, column.name(), summary.get(column.name()).get("mean").asDouble());
      }
    }
    for (JsonNode result : json.get("results")) {
      String row = row("targets", result, " data-target=\"" + result.get("target") + "\"");
      for (Figures.Column column : Figures.COLUMNS) {
        check(row, column.name(), result.get(column.name()).asDouble());
      }
    }
  }

  private static String row(String table, JsonNode of, String more) {
    String start =
        "<tr data-attack=\"" + of.get("attack").asText() + "\" data-mode=\""
            + of.get("mode").asText() + "\"" + more + ">";
    int from = html.indexOf(start, html.indexOf("<table class=\"" + table + "\">"));
    assertThat(from).as(start).isPositive();
    return html.substring(from, html.indexOf("</tr>", from));
  }

  private static void check(String row, String column, double expected) {
    Matcher cell =
        Pattern.compile("data-column=\"" + column + "\" data-value=\"([^\"]+)\">([0-9.]+)<")
            .matcher(row);
    assertThat(cell.find()).as(column + " in " + row).isTrue();
    assertThat(Double.parseDouble(cell.group(1))).isEqualTo(expected);
    assertThat(cell.group(2)).isEqualTo(Text.percent(expected));
  }

  @Test
  void pageNeedsNoNetworkAndEscapesWhatItIsGiven() {
    assertThat(html)
        .doesNotContainPattern("(?i)https?:|src=|href=|@import|<script|<link|url\\((?!#)");
    assertThat(html).contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; others");
    assertThat(html).contains("synthetic &quot;quoted&quot; &lt;b&gt;");
    assertThat(html).contains("NaN at step 7").contains("ab".repeat(32));
    assertThat(html).contains("prefers-color-scheme:dark").doesNotContain("{{");
    assertThat(html).contains("non-members stand behind each figure");
    for (String warning : results.warnings()) {
      assertThat(html).contains(Text.escape(warning).replace("'", "&#39;"));
    }
  }

  @Test
  void everyPictureIsThereAndDecodes()
      throws IOException, ParserConfigurationException, SAXException {
    for (String plot : PLOTS) {
      BufferedImage png = ImageIO.read(folder.resolve("plots/" + plot + ".png").toFile());
      assertThat(png.getWidth()).isEqualTo(960);
      assertThat(colours(png)).as(plot + " shows several colours").isGreaterThan(4);
      Document svg = parse(Files.readAllBytes(folder.resolve("plots/" + plot + ".svg")));
      assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
      assertThat(svg.getElementsByTagName("path").getLength()).isGreaterThan(20);
    }
    Matcher inline = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
    int count = 0;
    while (inline.find()) {
      Document svg = parse(inline.group().getBytes(StandardCharsets.UTF_8));
      assertThat(svg.getElementsByTagName("path").getLength()).isGreaterThan(20);
      count++;
    }
    assertThat(count).isEqualTo(PLOTS.size());
    assertThat(html).contains("var(--series-0)").contains("var(--member)");
  }

  private static long colours(BufferedImage image) {
    return Arrays.stream(
            image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth()))
        .distinct()
        .count();
  }

  private static Document parse(byte[] xml)
      throws ParserConfigurationException, IOException, SAXException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml));
  }

  @Test
  void whatIsUnknownIsNullInJsonAndADashOnThePage() {
    assertThat(json.get("model_table").get(1).get("loss").isNull()).isTrue();
    assertThat(json.get("model_table").get(0).get("loss").asDouble()).isEqualTo(0.6123);
    assertThat(html).contains("data-heading=\"Training loss\">–<");
    assertThat(json.get("setup").get("Data set").asText()).isEqualTo("synthetic \"quoted\" <b>");
    assertThat(json.get("warnings")).hasSize(results.warnings().size() + 1);
  }

  @Test
  void writingAgainGivesTheSameFigures() throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve("attack.json"));
    Reports.write(folder, results, INFO);
    assertThat(Files.readAllBytes(folder.resolve("attack.json"))).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("attack.json", "attack.csv", "report.html", "plots");
    }
  }
}
