package io.sagitta.attack.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.samskivert.mustache.Escapers;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.methods.SyntheticScores;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
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
  private static final List<String> PLOTS =
      List.of(
          "auroc", "roc-corrected", "roc-paper", "histogram-curvature", "histogram-logit",
          "histogram-loss", "curvature-loss", "qq-curv-zo", "qq-logit");

  @TempDir static Path folder;
  private static AttackResults results;
  private static RunInfo info;
  private static JsonNode json;
  private static String html;

  @BeforeAll
  static void write() throws IOException {
    results = HostileNames.results();
    info = HostileNames.info(results);
    Path out = folder.resolve("made/by/write");
    Reports.write(out, results, info);
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
    assertThat(lines).hasSize(1 + results.results().size());
    assertThat(json.get("results")).hasSize(results.results().size());
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
        "<tr data-attack=\"" + escaped(of.get("attack").asText()) + "\" data-mode=\""
            + of.get("mode").asText() + "\"" + more + ">";
    int from = html.indexOf(start, html.indexOf("<table class=\"" + table + " sorted\">"));
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

  private static String escaped(String text) {
    return Escapers.HTML.escape(text);
  }

  @Test
  void pageNeedsNoNetworkAndEscapesWhatItIsGiven() {
    assertThat(html)
        .doesNotContainPattern("(?i)https?:|src=\"(?!data:)|href=|@import|<link|url\\((?!#)")
        .doesNotContain("<script>window", "<img src=x", "</title></svg>");
    assertThat(html).contains("<title>" + escaped(HostileNames.NAME) + "</title>");
    assertThat(html).contains("<dt>" + escaped(HostileNames.NAME) + "</dt>");
    assertThat(html).contains("ab".repeat(32), "prefers-color-scheme:dark");
    assertThat(html).contains("non-members stand behind each figure");
    for (String warning : results.warnings()) {
      assertThat(html).contains(escaped(warning));
    }
  }

  @Test
  void onlyTheOwnScriptMayRun() throws NoSuchAlgorithmException {
    Matcher script = Pattern.compile("<script>(.*?)</script>", Pattern.DOTALL).matcher(html);
    assertThat(script.find()).isTrue();
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(script.group(1).getBytes(StandardCharsets.UTF_8));
    assertThat(html)
        .contains(
            "script-src 'sha256-" + escaped(Base64.getEncoder().encodeToString(digest)) + "'");
    assertThat(script.find()).as("a second script").isFalse();
  }

  @Test
  void jsonIsAsItsSchemaSays() throws IOException {
    try (var schema = Objects.requireNonNull(
        Reports.class.getResourceAsStream("attack.schema.json"))) {
      assertThat(new JsonSchema(new ObjectMapper().readTree(schema)).errors(json)).isEmpty();
    }
  }

  @Test
  void theMostExposedAreMembersWithTheHighestScores() throws IOException {
    AttackResult example = new Standing(results).example();
    JsonNode strongest = json.get("strongest");
    assertThat(strongest.get("attack").asText()).isEqualTo(example.attack().id());
    JsonNode exposed = strongest.get("exposed");
    assertThat(exposed).hasSize(12);
    double least = Double.POSITIVE_INFINITY;
    for (JsonNode image : exposed) {
      int sample = image.get("sample").asInt();
      assertThat(results.scores().member(example.target(), sample)).isTrue();
      assertThat(image.get("score").asDouble()).isEqualTo(example.guesses()[sample])
          .isLessThanOrEqualTo(least);
      least = image.get("score").asDouble();
    }
    double last = least;
    long above =
        IntStream.range(0, results.samples())
            .filter(s -> results.scores().member(example.target(), s))
            .filter(s -> example.guesses()[s] > last)
            .count();
    assertThat(above).isEqualTo(11);
  }

  @Test
  void samplesCsvHasEveryAttacksScoreAndRankOfEverySample() throws IOException {
    AttackResult example = new Standing(results).example();
    List<String> lines = Files.readAllLines(folder.resolve("samples.csv"));
    List<String> header = Arrays.asList(lines.get(0).split(","));
    String strongest = example.attack().id();
    assertThat(header)
        .startsWith("target", "sample", "label", "member", "fpr", strongest + "_score")
        .contains("yeom_score", "yeom_rank")
        .doesNotHaveDuplicates();
    assertThat(lines).hasSize(1 + 2 * results.samples());
    for (int row = 1; row <= results.samples(); row++) {
      String[] cells = lines.get(row).split(",", -1);
      int sample = Integer.parseInt(cells[1]);
      assertThat(cells).hasSameSizeAs(header);
      assertThat(cells[3])
          .isEqualTo(results.scores().member(example.target(), sample) ? "1" : "0");
      double score = example.guesses()[sample];
      assertThat(number(cells, header, strongest + "_score")).isEqualTo(score);
      long above = Arrays.stream(example.guesses()).filter(other -> other > score).count();
      assertThat(number(cells, header, strongest + "_rank")).isEqualTo(above + 1);
      assertThat(row).isGreaterThan((int) above);
    }
    assertThat(lines.get(results.samples()).split(",")[4]).isEqualTo("1.0");
  }

  @Test
  void boundsOnEpsilonAreToldWithTheirOwnConfidence() {
    AttackResults asked =
        AttackRun.evaluate(
            SyntheticScores.make(3, 10, 300), new int[] {8},
            AttackSettings.of(EnumSet.of(Mode.CORRECTED))
                .withAttacks(List.of(Attacks.byId("lira")))
                .withBootstrap(new Bootstrap(0, 10))
                .withEpsilon(1e-5, 0.999));
    String page = ReportPage.of(asked, RunInfo.titled("x"), List.of());
    assertThat(page)
        .contains("<span>99.9% confidence, δ &#x3D; 0.00001, target 8</span>")
        .contains("δ &#x3D; 0.00001, at 99.9% confidence over the images")
        .doesNotContain("95% confidence");
  }

  /** A score may be infinite; no score is behind them all. */
  @Test
  void samplesWithoutAScoreComeLast() {
    ScoreSet scores = SyntheticScores.make(4, 9, 50);
    double[] loss = new double[100];
    Arrays.setAll(loss, i -> i % 50 == 2 ? Double.NaN : i % 50 == 7 ? Double.POSITIVE_INFINITY : 1);
    scores.put(Signal.LOSS, 8, loss);
    String csv =
        SamplesCsv.of(
            AttackRun.evaluate(
                scores, new int[] {8},
                AttackSettings.of(EnumSet.of(Mode.CORRECTED))
                    .withAttacks(List.of(Attacks.byId("yeom")))
                    .withBootstrap(new Bootstrap(0, 10))));
    String[] lines = csv.split("\n");
    assertThat(lines[49]).startsWith("8,7,").endsWith(",-Infinity,49");
    assertThat(lines[50]).startsWith("8,2,").endsWith(",,,");
  }

  @Test
  void theBaselineStandsBesideTheAttacks() {
    assertThat(json.get("baseline")).hasSize(2);
    assertThat(html).contains("<tr data-attack=\"baseline\"", "no attack: images and labels only");
    double mean =
        info.baselines().stream().mapToDouble(b -> b.figures().auroc()).average().orElseThrow();
    int row = html.indexOf("<tr data-attack=\"baseline\"");
    check(html.substring(row, html.indexOf("</tr>", row)), "auroc", mean);
  }

  @Test
  void everyPictureIsThereAndDecodes()
      throws IOException, ParserConfigurationException, SAXException {
    for (String plot : PLOTS) {
      BufferedImage png = ImageIO.read(folder.resolve("plots/" + plot + ".png").toFile());
      assertThat(png.getWidth()).isEqualTo(880);
      assertThat(colours(png)).as(plot + " shows several colours").isGreaterThan(4);
      Document svg = parse(Files.readAllBytes(folder.resolve("plots/" + plot + ".svg")));
      assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
      assertThat(svg.getElementsByTagName("path").getLength()).isGreaterThan(10);
    }
    Matcher inline = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
    int count = 0;
    while (inline.find()) {
      Document svg = parse(inline.group().getBytes(StandardCharsets.UTF_8));
      assertThat(svg.getElementsByTagName("path").getLength()).isGreaterThan(10);
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
    assertThat(json.get("model_table").get(0).get("loss").asDouble()).isEqualTo(0.6123);
    assertThat(json.get("model_table").get(1).get("loss").isNull()).isTrue();
    assertThat(html).contains("<td>0.6123</td>", "<td>–</td>");
    assertThat(json.get("setup").get(HostileNames.NAME).asText()).isEqualTo(HostileNames.NAME);
    assertThat(json.get("warnings")).hasSize(results.warnings().size() + 1);
  }

  @Test
  void writingAgainGivesTheSameFigures() throws IOException {
    byte[] before = Files.readAllBytes(folder.resolve("attack.json"));
    Reports.write(folder, results, info);
    assertThat(Files.readAllBytes(folder.resolve("attack.json"))).isEqualTo(before);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("attack.json", "attack.csv", "samples.csv", "report.html", "plots");
    }
  }
}
