package io.sagitta.attack.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sagitta.attack.methods.AttackResults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pages in a real browser, with hostile names in them: quiet, without network, whole, and
 * readable on a wide and a narrow screen, light and dark.
 */
class BrowserTest {
  private static final int WIDE = 1280;
  private static final int NARROW = 390;
  private static final int HEIGHT = 800;

  @TempDir static Path folder;
  private static Chromium browser;
  private static String measure;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.find();
    assumeTrue(
        program.isPresent(), "no chromium on the path: the pages are not opened in a browser");
    AttackResults results = HostileNames.results();
    Reports.write(folder.resolve("run"), results, HostileNames.info(results));
    Reports.write(folder.resolve("scores"), results, RunInfo.titled("Of scores alone"));
    study().write(folder.resolve("study"));
    try (var script = Objects.requireNonNull(BrowserTest.class.getResourceAsStream("measure.js"))) {
      measure = new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
    browser = Chromium.start(program.get(), Files.createDirectory(folder.resolve("profile")));
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private static StudyReport study() {
    String name = HostileNames.NAME;
    DataTable table =
        DataTable.of("rows", name).text("way", name).figure("x", "x").percent("share", "Share, %");
    table.row(name, 0.125, 0.5);
    table.row("other", Double.NaN, 0.25);
    double[] x = {0.1, 1, 10};
    Plot plot =
        new LineChart(Axis.log("step"), Axis.linear("error"))
            .line(name, x, new double[] {3, 1, 2})
            .band("band", x, new double[] {2, 2, 2}, new double[] {1, 1, 1}, x)
            .plot("study", name, name);
    return new StudyReport("study", name, name)
        .found(name)
        .plot(plot)
        .table(table)
        .note(name)
        .setup(Map.of(name, name));
  }

  @ParameterizedTest(name = "{0}, {1} wide, dark {2}")
  @CsvSource({
    "run/report.html, 1280, false",
    "run/report.html, 1280, true",
    "run/report.html, 390, false",
    "run/report.html, 390, true",
    "scores/report.html, 390, false",
    "study/study.html, 1280, false",
    "study/study.html, 390, true"
  })
  void pagesAreWholeAndReadable(String page, int width, boolean dark) {
    Path file = folder.resolve(page);
    browser.open(file, width, HEIGHT, dark);
    JsonNode seen = browser.evaluate(measure);
    assertThat(complaints()).as("the console").isEmpty();
    assertThat(requests()).as("what was asked of the network").containsExactly(uri(file));
    assertThat(seen.get("hacked").asBoolean()).as("a name became a script").isFalse();
    assertThat(seen.get("strangers")).as("elements that names became").isEmpty();
    assertThat(seen.get("text").asText()).as("names as they are").contains(HostileNames.NAME);
    assertThat(seen.get("pictures").asInt()).isGreaterThan(page.startsWith("study") ? 0 : 6);
    assertThat(seen.get("undrawn")).as("pictures without size or content").isEmpty();
    assertThat(seen.get("cut")).as("words that leave their picture").isEmpty();
    assertThat(seen.get("small")).as("words below 12 pixels").isEmpty();
    assertThat(seen.get("faint")).as("words with a contrast below 4.5").isEmpty();
    assertThat(seen.get("width").asInt()).as("width of the page").isLessThanOrEqualTo(width);
    assertThat(seen.get("ground").asDouble()).as("luminance of the ground")
        .isBetween(dark ? 0.0 : 0.8, dark ? 0.1 : 1.0);
  }

  @Test
  void theMostExposedImagesAreShownWhereTheyAreAtHand() {
    browser.open(folder.resolve("run/report.html"), WIDE, HEIGHT, false);
    String count = "document.querySelectorAll('.exposed img').length";
    assertThat(browser.evaluate(count).asInt()).isEqualTo(12);
    browser.open(folder.resolve("scores/report.html"), WIDE, HEIGHT, false);
    assertThat(browser.evaluate(count).asInt()).isZero();
    assertThat(browser.evaluate("document.querySelectorAll('.exposed .card').length").asInt())
        .isEqualTo(12);
  }

  @Test
  void tablesAreSortedOnClick() {
    browser.open(folder.resolve("run/report.html"), NARROW, HEIGHT, false);
    String column =
        "[...document.querySelectorAll('table.summary')[0].tBodies[0].rows]"
            + ".map(row => +row.cells[2].dataset.value)";
    String click = "document.querySelectorAll('table.summary')[0].rows[0].cells[2]"
        + ".querySelector('button').click()";
    List<Double> before = numbers(browser.evaluate(column));
    browser.evaluate(click);
    List<Double> falling = numbers(browser.evaluate(column));
    assertThat(falling).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(falling).containsExactlyInAnyOrderElementsOf(before);
    browser.evaluate(click);
    assertThat(numbers(browser.evaluate(column))).isSorted();
    assertThat(complaints()).isEmpty();
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.asDouble()));
    return numbers;
  }

  /** What the page logged, threw, or was kept from doing. */
  private static List<JsonNode> complaints() {
    return browser.events(
        "Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled");
  }

  /** Addresses, those aside that carry their content. */
  private static List<String> requests() {
    return browser.events("Network.requestWillBeSent").stream()
        .map(event -> event.get("request").get("url").asText())
        .filter(url -> !url.startsWith("data:"))
        .toList();
  }

  private static String uri(Path file) {
    return file.toUri().toString();
  }
}
