package io.sagitta.attack.methods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks in both modes against the NumPy transcription in {@code goldens/attacks}. */
class GoldenAttacksTest {
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"few-shadows", "many-shadows"})
  void scoresAndFiguresEqualTheTranscription(String name) throws IOException {
    JsonNode golden = read("attacks.json").get(name);
    ScoreSet scores = scoreSet(golden);
    int[] targets = indices(golden.get("targets"));

    AttackResults results =
        AttackRun.evaluate(
            scores, targets,
            AttackSettings.of(EnumSet.allOf(Mode.class)).withBootstrap(new Bootstrap(0, 20)));

    assertThat(golden.get("results")).hasSize(21 * targets.length);
    for (JsonNode expected : golden.get("results")) {
      Mode mode = Mode.valueOf(expected.get("mode").asText().toUpperCase(Locale.ROOT));
      AttackResult result =
          results.results().stream()
              .filter(r -> r.attack().id().equals(expected.get("attack").asText()))
              .filter(r -> r.mode() == mode && r.target() == expected.get("target").asInt())
              .findFirst()
              .orElseThrow();
      String which = name + " " + result.attack().id() + " " + mode + " " + result.target();
      assertThat(new long[] {result.roc().members(), result.roc().nonmembers()})
          .as(which)
          .containsExactly(
              expected.get("members").asLong(), expected.get("nonmembers").asLong());
      checkFigures(which, result.figures(), expected.get("figures"));
      assertThat(result.epsilon().epsilon())
          .as(which)
          .isCloseTo(expected.get("epsilon").asDouble(), within(TOLERANCE));
      check(which, result.guesses(), expected.get("scores"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"few-shadows", "many-shadows"})
  void everyRuleEqualsTheTranscription(String name) throws IOException {
    JsonNode golden = read("attacks.json").get(name);
    ScoreSet scores = scoreSet(golden);
    int[] targets = indices(golden.get("targets"));
    for (Variance variance : Variance.values()) {
      for (Views views : Views.values()) {
        AttackSettings settings =
            AttackSettings.of(Set.of(Mode.CORRECTED)).withVariance(variance).withViews(views);
        AttackInput input =
            new AttackInput(
                new ShadowPool(scores, indices(golden.get("shadows"))), targets[0], Mode.CORRECTED,
                settings);
        String rule = variance.id() + " " + views.id();
        check(
            name + " " + rule, Attacks.byId("lira").guess(input).scores(),
            golden.get("rules").get(rule));
      }
    }
  }

  private static void check(String which, double[] got, JsonNode expected) {
    assertThat(got).hasSize(expected.size());
    for (int s = 0; s < got.length; s++) {
      String where = which + " sample " + s;
      if (expected.get(s).isNull()) {
        assertThat(got[s]).as(where).isNaN();
      } else {
        double value = expected.get(s).asDouble();
        assertThat(got[s]).as(where).isCloseTo(value, within(TOLERANCE * (1 + Math.abs(value))));
      }
    }
  }

  private static int[] indices(JsonNode models) {
    return StreamSupport.stream(models.spliterator(), false)
        .mapToInt(JsonNode::asInt)
        .toArray();
  }

  private static void checkFigures(String which, Figures figures, JsonNode expected) {
    for (Figures.Column column : Figures.COLUMNS) {
      assertThat(column.value().applyAsDouble(figures))
          .as(which + " " + column.name())
          .isCloseTo(expected.get(column.name()).asDouble(), within(TOLERANCE));
    }
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in = GoldenAttacksTest.class.getResourceAsStream("/goldens/attacks/" + name)) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static ScoreSet scoreSet(JsonNode golden) {
    int models = golden.get("members").size();
    boolean[][] members = new boolean[models][];
    for (int m = 0; m < models; m++) {
      JsonNode row = golden.get("members").get(m);
      members[m] = new boolean[row.size()];
      for (int s = 0; s < row.size(); s++) {
        members[m][s] = row.get(s).asInt() == 1;
      }
    }
    List<String> views = new ArrayList<>();
    golden.get("views").forEach(view -> views.add(view.asText()));
    long[] labels =
        StreamSupport.stream(golden.get("labels").spliterator(), false)
            .mapToLong(JsonNode::asLong)
            .toArray();
    ScoreSet scores = new ScoreSet(members, labels, views);
    for (Signal signal :
        List.of(
            Signal.CURV_ZO, Signal.LOSS, Signal.PROB_MAX, Signal.PROB_TRUE, Signal.LOGIT,
            Signal.MENTR)) {
      for (int m = 0; m < models; m++) {
        JsonNode values = golden.get("signals").get(signal.tensorName()).get(m);
        double[] flat = new double[views.size() * members[0].length];
        for (int i = 0; i < flat.length; i++) {
          flat[i] = values.get(i / members[0].length).get(i % members[0].length).asDouble();
        }
        scores.put(signal, m, flat);
      }
    }
    return scores;
  }
}
