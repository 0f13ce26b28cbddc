package io.sagitta.attack.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackSummary;
import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.metrics.ClassFigures;
import io.sagitta.attack.metrics.Figures;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.metrics.Spread;

/**
 * {@code attack.json}: everything the report says, in figures; what is not a number is null. Its
 * schema is {@code attack.schema.json}, beside this class in the jar.
 */
final class AttackJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Grows when a reader of older files would go wrong. */
  private static final int FORMAT = 1;

  private AttackJson() {}

  static String of(AttackResults results, RunInfo info) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format", FORMAT);
    root.put("title", info.title());
    root.set("setup", MAPPER.valueToTree(info.setup()));
    root.set("hashes", MAPPER.valueToTree(info.hashes()));
    root.put("models", results.models());
    root.put("shadows", results.shadows());
    root.put("samples", results.samples());
    root.set("views", MAPPER.valueToTree(results.views()));
    ArrayNode rows = root.putArray("results");
    results.results().forEach(result -> result(rows.addObject(), result));
    ArrayNode summaries = root.putArray("summary");
    results.summaries().forEach(summary -> summary(summaries.addObject(), summary));
    ArrayNode baselines = root.putArray("baseline");
    info.baselines().forEach(baseline -> baseline(baselines.addObject(), baseline));
    strongest(root.putObject("strongest"), results);
    ArrayNode distributions = root.putArray("distributions");
    results.distributions().forEach(d -> distribution(distributions.addObject(), d));
    ArrayNode models = root.putArray("model_table");
    info.models().forEach(model -> model(models.addObject(), model));
    ArrayNode warnings = root.putArray("warnings");
    results.warnings().forEach(warnings::add);
    info.warnings().forEach(warnings::add);
    try {
      return MAPPER.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of numbers and text can be written", e);
    }
  }

  private static void result(ObjectNode node, AttackResult result) {
    node.put("attack", result.attack().id());
    node.put("mode", result.mode().id());
    node.put("target", result.target());
    figures(node, result.roc(), result.figures(), result.interval());
    node.put("unscored", result.unscored());
    node.put("imputed", result.imputed());
    ObjectNode gap = node.putObject("behind_strongest");
    gap.put("attack", result.gap().strongest().id());
    put(gap, "auroc", result.gap().auroc());
    interval(gap.putArray("interval_95"), result.gap().low(), result.gap().high());
    ObjectNode epsilon = node.putObject("epsilon");
    put(epsilon, "at_least", result.epsilon().epsilon());
    put(epsilon, "delta", result.epsilon().delta());
    put(epsilon, "confidence", result.epsilon().confidence());
  }

  private static void figures(
      ObjectNode node, Roc roc, Figures figures, Bootstrap.Interval interval) {
    for (Figures.Column column : Figures.COLUMNS) {
      put(node, column.name(), column.value().applyAsDouble(figures));
    }
    node.put("members", roc.members());
    node.put("nonmembers", roc.nonmembers());
    ObjectNode intervals = node.putObject("interval_95");
    for (Figures.Column column : Figures.COLUMNS) {
      interval(
          intervals.putArray(column.name()), column.value().applyAsDouble(interval.low()),
          column.value().applyAsDouble(interval.high()));
    }
  }

  private static void interval(ArrayNode ends, double low, double high) {
    for (double end : new double[] {low, high}) {
      if (Double.isFinite(end)) {
        ends.add(end);
      } else {
        ends.addNull();
      }
    }
  }

  private static void baseline(ObjectNode node, Baseline baseline) {
    node.put("target", baseline.target());
    figures(node, baseline.roc(), baseline.figures(), baseline.interval());
    node.put("flagged", baseline.isFlagged());
  }

  /** Whom the strongest attack hits hardest. */
  private static void strongest(ObjectNode node, AttackResults results) {
    AttackResult example = new Standing(results).example();
    node.put("attack", example.attack().id());
    node.put("mode", example.mode().id());
    node.put("target", example.target());
    ArrayNode images = node.putArray("exposed");
    for (Exposed exposed : Exposed.of(results, example, ExposedTable.IMAGES)) {
      ObjectNode image = images.addObject();
      image.put("sample", exposed.sample());
      image.put("label", exposed.label());
      put(image, "score", exposed.guess());
      image.put("nonmembers_above", exposed.falseAlarms());
      put(image, "loss", exposed.loss());
      put(image, "loss_unseen", exposed.unseenLoss());
      put(image, "curvature", exposed.curvature());
      put(image, "curvature_unseen", exposed.unseenCurvature());
    }
    ArrayNode classes = node.putArray("classes");
    for (ClassFigures figures : example.classes()) {
      ObjectNode one = classes.addObject();
      one.put("label", figures.label());
      one.put("members", figures.members());
      one.put("nonmembers", figures.nonmembers());
      put(one, "auroc", figures.auroc());
      put(one, "balanced_accuracy", figures.balancedAccuracy());
      put(one, "tpr_at_1e-2", figures.tprAt1e2());
    }
  }

  private static void summary(ObjectNode node, AttackSummary summary) {
    node.put("attack", summary.attack().id());
    node.put("mode", summary.mode().id());
    node.put("targets", summary.targets());
    for (Figures.Column column : Figures.COLUMNS) {
      Spread spread = summary.figures().get(column.name());
      ObjectNode figure = node.putObject(column.name());
      put(figure, "mean", spread.mean());
      put(figure, "std", spread.deviation());
    }
  }

  private static void distribution(ObjectNode node, Distribution distribution) {
    node.put("signal", distribution.signal().tensorName());
    node.put("target", distribution.target());
    put(node, "median_members", distribution.memberMedian());
    put(node, "median_nonmembers", distribution.nonmemberMedian());
  }

  private static void model(ObjectNode node, RunInfo.Model model) {
    node.put("index", model.index());
    node.put("role", model.role());
    put(node, "train_accuracy", model.trainAccuracy());
    put(node, "other_accuracy", model.otherAccuracy());
    put(node, "loss", model.loss());
    node.put("note", model.note());
  }

  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
