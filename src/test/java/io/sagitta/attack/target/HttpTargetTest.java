package io.sagitta.attack.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sagitta.attack.target.TestEndpoint.Fault;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.io.BadFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An endpoint that behaves, and one that does not. */
class HttpTargetTest {
  private static final int COUNT = 12;
  private static final String SECRET = "s3cr3t-Token+/=";

  private final ImageDataset images = Images.of(COUNT, 4, 5, 3);
  private final float[] x = Images.normalized(images);
  private final TestEndpoint endpoint = new TestEndpoint(images, HttpTargetTest::means);

  @TempDir private Path folder;

  private Duration timeout = Duration.ofSeconds(20);

  @AfterEach
  void stop() {
    endpoint.close();
  }

  /** The mean of each channel of each image. */
  private static double[] means(float[] images, int count) {
    double[] means = new double[count * 3];
    int elements = images.length / count;
    for (int i = 0; i < images.length; i++) {
      means[i / elements * 3 + i % 3] += images[i] * 3.0 / elements;
    }
    return means;
  }

  private float[] expected() {
    double[] means = means(x, COUNT);
    float[] all = new float[means.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) means[i];
    }
    return all;
  }

  private TargetSettings settings(int batch, int retries, long budget, double rate) {
    return new TargetSettings(
        null, batch, rate, retries, Duration.ofMillis(1), timeout, budget,
        Token.of("T", SECRET), folder.resolve("answers"));
  }

  private Target open() {
    return open(settings(4, 2, 0, 0));
  }

  private Target open(TargetSettings settings) {
    return Targets.open(endpoint.address(), images, settings);
  }

  @Test
  void answersComeInOrderWhateverTheBatch() throws IOException {
    for (int batch : new int[] {1, 4, 5, 64}) {
      Files.deleteIfExists(folder.resolve("answers"));
      try (Target target = open(settings(batch, 0, 0, 0))) {
        assertThat(target.answer(x, COUNT)).containsExactly(expected());
      }
    }
    assertThat(endpoint.authorizations()).containsOnly("Bearer " + SECRET);
  }

  @ParameterizedTest
  @EnumSource(names = {"BUSY", "BROKEN", "HANG", "HANG_IN_BODY", "DROPPED"})
  void whatMayPassIsAskedAgain(Fault fault) {
    timeout = fault.name().startsWith("HANG") ? Duration.ofSeconds(1) : timeout;
    endpoint.next(Fault.NONE, fault, fault);
    try (Target target = open()) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
      assertThat(endpoint.requests()).isEqualTo(5);
      assertThat(endpoint.repeated()).isZero();
    }
  }

  /** The usual wait is doubled each time, up to an end: it must not overflow. */
  @Test
  void aHundredRetriesAreAHundred() {
    Fault[] faults = new Fault[101];
    Arrays.fill(faults, Fault.BUSY);
    faults[100] = Fault.NONE;
    endpoint.next(faults);
    TargetSettings patient =
        new TargetSettings(
            null, 64, 0, 100, Duration.ofSeconds(1), timeout, 0, Token.of("T", SECRET),
            folder.resolve("answers"));
    try (Target target = open(patient)) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BUSY|got status 429 and 'sent with Bearer ***', 3 times in a row",
        "BROKEN|got status 503 and 'sent with Bearer ***', 3 times in a row",
        "HANG|got none within 1.0 s, 3 times in a row",
        "DROPPED|a broken connection",
        "REFUSED|expected status 200, got status 403 and 'sent with Bearer ***'",
        "NO_JSON|expected JSON, found 'Bearer ***'",
        "NAN|expected finite numbers, found",
        "OTHER_SHAPE|expected an output of shape [4, 3], as its metadata say, found [5, 3]",
        "TOO_FEW|expected 12 numbers for an output of shape [4, 3], found",
        "TOO_MANY|expected 12 numbers for an output of shape [4, 3], found more",
        "HUGE|bytes, got more",
        "REDIRECT|got a redirect (307) to 'http://elsewhere.example/"
      })
  void whatDoesNotPassIsSaidAndNothingIsLost(Fault fault, String message) throws Exception {
    timeout = fault == Fault.HANG ? Duration.ofSeconds(1) : timeout;
    endpoint.next(Fault.NONE, fault, fault, fault);
    try (Target target = open()) {
      Throwable failure = catchThrowable(() -> target.answer(x, COUNT));
      assertThat(failure)
          .isInstanceOf(TargetException.class)
          .hasMessageContaining(endpoint.address())
          .hasMessageContaining(message);
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString()).doesNotContain(SECRET);
    }
    endpoint.behave();
    try (Target target = open()) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
    }
    if (fault == Fault.HUGE) {
      // The server learns of it when it next writes, which may be after the client went on.
      assertThat(endpoint.hungUp()).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(true);
    }
    assertThat(endpoint.distinct()).isEqualTo(COUNT);
    assertThat(endpoint.repeated()).isZero();
    assertThat(Files.readString(folder.resolve("answers"), StandardCharsets.ISO_8859_1))
        .doesNotContain(SECRET);
  }

  @Test
  void anImageIsAskedOnceInABatchToo() {
    float[] twice = new float[2 * x.length];
    System.arraycopy(x, 0, twice, 0, x.length);
    System.arraycopy(x, 0, twice, x.length, x.length);
    try (Target target = open()) {
      float[] answers = target.answer(twice, 2 * COUNT);
      assertThat(Arrays.copyOfRange(answers, COUNT * 3, 2 * COUNT * 3))
          .containsExactly(expected());
      target.answer(x, COUNT);
    }
    assertThat(endpoint.requests()).isEqualTo(3);
    assertThat(endpoint.repeated()).isZero();
  }

  @Test
  void theBudgetHoldsOverRestartsAndCountsFailures() {
    endpoint.next(Fault.BROKEN);
    for (int attempt = 0; attempt < 2; attempt++) {
      try (Target target = open(settings(4, 2, 9, 0))) {
        assertThatThrownBy(() -> target.answer(x, COUNT))
            .isInstanceOf(TargetException.class)
            .hasMessageContainingAll("budget of 9 images is spent: 8 were sent", "answers");
      }
    }
    assertThat(endpoint.requests()).isEqualTo(2);
    try (Target target = open(settings(4, 2, 16, 0))) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
    }
    assertThat(endpoint.repeated()).isZero();
  }

  @Test
  void theRateIsKept() {
    try (Target target = open(settings(4, 0, 0, 40))) {
      long start = System.nanoTime();
      target.answer(x, COUNT);
      // The third question of four images comes 2 · 4 / 40 s after the first, at the earliest.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 20, 31})
  void aRecordCutShortIsAskedAgain(int bytes) throws IOException {
    try (Target target = open()) {
      target.answer(x, COUNT);
    }
    Path file = folder.resolve("answers");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - bytes));
    try (Target target = open()) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
    }
    assertThat(endpoint.requests()).as("three, and one for the last image").isEqualTo(4);
  }

  @Test
  void damageAndOtherTargetsAreToldApart() throws IOException {
    try (Target target = open()) {
      target.answer(x, COUNT);
    }
    Path file = folder.resolve("answers");
    byte[] whole = Files.readAllBytes(file);
    byte[] zeroTail = Arrays.copyOf(whole, whole.length + 100);
    Files.write(file, zeroTail);
    try (Target target = open()) {
      assertThat(target.answer(x, COUNT)).containsExactly(expected());
    }
    assertThat(endpoint.requests()).isEqualTo(3);
    byte[] damaged = whole.clone();
    damaged[60] ^= 1;
    Files.write(file, damaged);
    assertThatThrownBy(this::open)
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("damaged");
    Files.write(file, whole);
    endpoint.metadata(
        json -> {
          ((ArrayNode) json.path("versions")).removeAll().add("2");
          return json;
        });
    assertThatThrownBy(this::open)
        .isInstanceOf(BadFileException.class)
        .hasMessageContaining("of another version of it");
  }

  @Test
  void metadataThatDoNotFitAreNamed() {
    endpoint.metadata(
        json -> {
          json.putArray("outputs");
          return json;
        });
    assertThatThrownBy(this::open)
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("3 classes of random", "found '[]'");
    endpoint.metadata(
        json -> {
          ((ArrayNode) json.path("inputs").path(0).path("shape")).removeAll().add(-1).add(3).add(8)
              .add(8);
          return json;
        });
    assertThatThrownBy(this::open)
        .isInstanceOf(TargetException.class)
        .hasMessageContainingAll("[N, 3, 4, 5]", "[-1, 3, 8, 8]");
  }

  @Test
  void addressesThatAreNoneOrTellSecretsAreRefused() {
    String host = "http://127.0.0.1:1";
    for (String address :
        new String[] {
          host + "/v2/models/", host + "/v1/models/x", host, "https:///v2/models/x",
          host + "/v2/models/x/infer"
        }) {
      assertThatThrownBy(() -> Targets.open(address, images, settings(1, 0, 0, 0)))
          .as(address)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("http(s)://HOST/v2/models/NAME");
    }
    for (String address :
        new String[] {
          "https://me:pass@host/v2/models/x", host + "/v2/models/x?key=pass",
          host + "/v2/models/x#pass"
        }) {
      assertThatThrownBy(() -> Targets.open(address, images, settings(1, 0, 0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("without user, query and fragment")
          .hasMessageNotContaining("pass");
    }
    assertThatThrownBy(
            () -> Targets.open("http://host/v2/models/x", images, settings(1, 0, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected https for a token");
  }

  @Test
  void aTokenThatIsNoneIsNotTold() {
    assertThatThrownBy(() -> Token.of("VARIABLE", "pass\nword"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("VARIABLE")
        .hasMessageNotContaining("pass");
    assertThat(Token.of("VARIABLE", "pass").toString()).isEqualTo("***");
    assertThat(Token.of("VARIABLE", "").isPresent()).isFalse();
  }
}
