package io.sagitta.attack.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.kernels.Philox;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The curve, what is read off it, and its intervals. */
class RocTest {
  @Test
  void figuresEqualScikitLearnAndNumpy() throws IOException {
    JsonNode cases;
    try (InputStream in = RocTest.class.getResourceAsStream("/goldens/attacks/metrics.json")) {
      cases = new ObjectMapper().readTree(in);
    }
    assertThat(cases).isNotEmpty();
    for (JsonNode golden : cases) {
      Roc roc = Roc.of(doubles(golden.get("in")), doubles(golden.get("out")));
      String name = golden.get("name").asText();
      assertThat(kept(roc)).as(name).isEqualTo(golden.get("kept").asInt());
      check(name + " paper", Figures.published(roc), golden.get("paper"));
      check(name + " corrected", Figures.exact(roc), golden.get("corrected"));
    }
  }

  private static long kept(Roc roc) {
    return IntStream.range(0, roc.points()).filter(roc.counts()::kept).count();
  }

  private static void check(String which, Figures figures, JsonNode expected) {
    for (Figures.Column column : Figures.COLUMNS) {
      assertThat(column.value().applyAsDouble(figures))
          .as(which + " " + column.name())
          .isCloseTo(expected.get(column.name()).asDouble(), within(1e-9));
    }
  }

  private static double[] doubles(JsonNode values) {
    return IntStream.range(0, values.size()).mapToDouble(i -> values.get(i).asDouble()).toArray();
  }

  @Property(tries = 200, seed = "11")
  void aurocIsTheProbabilityThatAMemberScoresHigher(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = -9, max = 9) Integer> in,
      @ForAll @Size(min = 1, max = 30) List<@IntRange(min = -9, max = 9) Integer> out) {
    double wins = 0;
    for (int i : in) {
      for (int o : out) {
        wins += i > o ? 1 : i == o ? 0.5 : 0;
      }
    }
    double auroc = Roc.of(map(in, v -> v), map(out, v -> v)).auroc();
    assertThat(auroc).isCloseTo(wins / in.size() / out.size(), within(1e-12));
  }

  @Property(tries = 200, seed = "12")
  void figuresDoNotChangeUnderMonotoneMaps(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = -20, max = 20) Integer> in,
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = -20, max = 20) Integer> out) {
    Roc plain = Roc.of(map(in, v -> v), map(out, v -> v));
    Roc mapped = Roc.of(map(in, v -> Math.exp(v) - 3), map(out, v -> Math.exp(v) - 3));
    assertThat(Figures.exact(mapped)).isEqualTo(Figures.exact(plain));
    assertThat(Figures.published(mapped)).isEqualTo(Figures.published(plain));
  }

  @Property(tries = 200, seed = "13")
  void ratesRiseAlongTheCurveAndEndAtOne(
      @ForAll @Size(min = 1, max = 40) double[] in, @ForAll @Size(min = 1, max = 40) double[] out) {
    Roc roc = Roc.of(in, out);
    assertThat(roc.tpr(0)).isZero();
    assertThat(roc.fpr(0)).isZero();
    for (int p = 1; p < roc.points(); p++) {
      assertThat(roc.tpr(p)).isGreaterThanOrEqualTo(roc.tpr(p - 1));
      assertThat(roc.fpr(p)).isGreaterThanOrEqualTo(roc.fpr(p - 1));
      assertThat(roc.tpr(p) + roc.fpr(p)).isGreaterThan(roc.tpr(p - 1) + roc.fpr(p - 1));
      assertThat(roc.threshold(p)).isLessThanOrEqualTo(roc.threshold(p - 1));
    }
    assertThat(roc.tpr(roc.points() - 1)).isEqualTo(1);
    assertThat(roc.fpr(roc.points() - 1)).isEqualTo(1);
    Figures figures = Figures.exact(roc);
    assertThat(figures.tprAt1e2()).isGreaterThanOrEqualTo(figures.tprAt1e3());
    assertThat(figures.tprAt1e3()).isGreaterThanOrEqualTo(figures.tprAt1e4());
    assertThat(figures.bestBalancedAccuracy()).isGreaterThanOrEqualTo(figures.balancedAccuracy());
  }

  @Test
  void separableScoresArePerfectAndReversedOnesWorthless() {
    double[] high = {3, 4, 5};
    double[] low = {-1, 0, 2};
    assertThat(Figures.exact(Roc.of(high, low))).isEqualTo(new Figures(1, 1, 1, 1, 1, 1));
    assertThat(Roc.of(low, high).auroc()).isZero();
    assertThat(Figures.exact(Roc.of(low, high)).bestBalancedAccuracy()).isEqualTo(0.5);
  }

  @Test
  void randomScoresAreNearOneHalfAndInsideTheirInterval() {
    Philox philox = new Philox(5);
    double[] in = IntStream.range(0, 4000).mapToDouble(i -> philox.uniform(1, i)).toArray();
    double[] out = IntStream.range(0, 4000).mapToDouble(i -> philox.uniform(2, i)).toArray();
    Roc roc = Roc.of(in, out);
    assertThat(roc.auroc()).isCloseTo(0.5, within(0.03));
    Bootstrap.Interval interval = interval(new Bootstrap(0, 200), in, out);
    assertThat(interval.low().auroc()).isLessThan(roc.auroc());
    assertThat(interval.high().auroc()).isGreaterThan(roc.auroc());
    // The normal approximation (Hanley, McNeil 1982) at AUROC 1/2: σ² = (n + m + 1) / (12 n m).
    double sigma = Math.sqrt(8001.0 / 12 / 4000 / 4000);
    double width = interval.high().auroc() - interval.low().auroc();
    assertThat(width).isCloseTo(2 * 1.96 * sigma, within(0.2 * 2 * 1.96 * sigma));
  }

  @Test
  void theIntervalIsAFunctionOfTheSeed() {
    double[] in = {1, 2, 3, 4, 9};
    double[] out = {0, 2, 2, 5};
    Bootstrap.Interval first = interval(new Bootstrap(7, 100), in, out);
    assertThat(interval(new Bootstrap(7, 100), in, out)).isEqualTo(first);
    assertThat(interval(new Bootstrap(8, 100), in, out)).isNotEqualTo(first);
  }

  private static Bootstrap.Interval interval(Bootstrap bootstrap, double[] in, double[] out) {
    boolean[] members = new boolean[in.length + out.length];
    Arrays.fill(members, 0, in.length, true);
    double[] scores = DoubleStream.concat(Arrays.stream(in), Arrays.stream(out)).toArray();
    Ranking ranking = new Ranking(members, scores, Roc.of(in, out), Reading.EXACT);
    return bootstrap.redraw(members, List.of(ranking), () -> {}).get(0).interval();
  }

  /** Of two scored samples among fifty many redraws have one or none. */
  @Test
  void redrawsWithoutAMemberOrANonmemberHaveNoFigures() {
    boolean[] members = new boolean[50];
    Arrays.fill(members, 0, 25, true);
    double[] scores = new double[50];
    Arrays.fill(scores, Double.NaN);
    scores[3] = 2;
    scores[30] = 1;
    Roc roc = Roc.of(scores, members);
    for (Reading reading : List.of(Reading.EXACT, Reading.PUBLISHED)) {
      Bootstrap.Interval interval =
          new Bootstrap(0, 200)
              .redraw(members, List.of(new Ranking(members, scores, roc, reading)), () -> {})
              .get(0)
              .interval();
      assertThat(interval.low()).isEqualTo(reading.of(roc));
      assertThat(interval.high()).isEqualTo(reading.of(roc));
    }
  }

  @Test
  void oneFalseAccusationInAHundredIsWithinOnePercent() {
    double[] out = IntStream.range(0, 100).mapToDouble(i -> i).toArray();
    Figures figures = Figures.exact(Roc.of(new double[] {98.5, 99.5, 97.5, 0.5}, out));
    assertThat(figures.tprAt1e2()).isEqualTo(0.5);
    assertThat(figures.tprAt1e3()).isEqualTo(0.25);
  }

  @Test
  void infiniteScoresAndNegativeZeroAreOrderedAsNumbers() {
    Roc roc = Roc.of(
        new double[] {Double.POSITIVE_INFINITY, -0.0},
        new double[] {0.0, Double.NEGATIVE_INFINITY});
    assertThat(roc.auroc()).isEqualTo((1 + 1 + 0.5 + 1) / 4);
    assertThat(roc.points()).isEqualTo(4);
  }

  @Test
  void emptyOrNotANumberIsRefused() {
    double[] one = {1};
    assertThatThrownBy(() -> Roc.of(new double[0], one))
        .hasMessageContaining("at least one member score");
    assertThatThrownBy(() -> Roc.of(one, new double[] {2, Double.NaN}))
        .hasMessageContaining("non-member")
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Bootstrap(0, 0)).hasMessageContaining("resamples >= 1");
  }

  @Test
  void spreadDividesByNOrByOneLess() {
    double[] values = {1, 2, 6};
    assertThat(Spread.population(values).mean()).isEqualTo(3);
    assertThat(Spread.population(values).deviation()).isCloseTo(Math.sqrt(14 / 3.0), within(1e-15));
    assertThat(Spread.sample(values).deviation()).isCloseTo(Math.sqrt(7), within(1e-15));
    assertThat(Spread.sample(new double[] {4}).deviation()).isNaN();
    assertThat(Spread.population(new double[] {4}).deviation()).isZero();
  }

  private static double[] map(List<Integer> values, DoubleUnaryOperator map) {
    return values.stream().mapToDouble(v -> v).map(map).toArray();
  }
}
