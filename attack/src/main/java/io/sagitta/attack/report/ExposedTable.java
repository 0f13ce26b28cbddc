package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.metrics.ClassFigures;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The page's lists of whom the strongest attack hits hardest: single images, and classes. */
final class ExposedTable {
  /** How many images are shown. */
  static final int IMAGES = 12;
  private static final int CLASSES = 12;

  private final AttackResults results;
  private final RunInfo info;
  private final AttackResult example;

  ExposedTable(AttackResults results, RunInfo info) {
    this.results = results;
    this.info = info;
    this.example = new Standing(results).example();
  }

  /** The most exposed images, the most exposed first. */
  List<Map<String, Object>> images() {
    return Exposed.of(results, example, IMAGES).stream().map(this::image).toList();
  }

  private Map<String, Object> image(Exposed exposed) {
    return Map.of(
        "uri", info.images() == null ? "" : Thumbnail.uri(info.images(), exposed.sample()),
        "sample", Integer.toString(exposed.sample()),
        "class", className(exposed.label()),
        "alarms", Text.count(exposed.falseAlarms()),
        "nonmembers", Text.count(example.roc().nonmembers()),
        "guess", Text.figure(exposed.guess()),
        "loss", Text.brief(exposed.loss()),
        "unseenLoss", Text.brief(exposed.unseenLoss()),
        "curvature", Text.brief(exposed.curvature()),
        "unseenCurvature", Text.brief(exposed.unseenCurvature()));
  }

  /** A data set without names calls its classes by their numbers. */
  private String className(long label) {
    String name =
        info.images() == null
            ? Long.toString(label)
            : info.images().classNames().get(Math.toIntExact(label));
    return name.matches("[0-9]+") ? "class " + name : name;
  }

  /** The classes with the highest AUROC, the highest first; none where there are not two. */
  List<Map<String, Object>> classes() {
    List<ClassFigures> classes =
        example.classes().stream().filter(c -> !Double.isNaN(c.auroc())).toList();
    return classes.size() < 2
        ? List.of()
        : classes.stream()
            .sorted(Comparator.comparingDouble(c -> -c.auroc()))
            .limit(CLASSES)
            .map(this::row)
            .toList();
  }

  private Map<String, Object> row(ClassFigures figures) {
    return Map.of(
        "name", className(figures.label()),
        "members", Text.count(figures.members()),
        "nonmembers", Text.count(figures.nonmembers()),
        "auroc", Text.percent(figures.auroc()),
        "deviation",
            "± "
                + Text.percent(
                    deviation(
                        example.figures().auroc(), figures.members(), figures.nonmembers())),
        "accuracy", Text.percent(figures.balancedAccuracy()));
  }

  /** How to read the classes. */
  String classNote() {
    long count = example.classes().size();
    return String.format(
        Locale.ROOT,
        "%s on target %d, the %d highest of %d classes. Beside each AUROC stands the standard error"
            + " that a class of its size would have if it were as exposed as all images together"
            + " (%s%%): of many classes some come out a few such errors higher by chance.",
        example.attack().title(), example.target(), Math.min(CLASSES, count), count,
        Text.percent(example.figures().auroc()));
  }

  /**
   * The standard error of an AUROC (Hanley and McNeil 1982, equation 2, for exponential scores).
   */
  static double deviation(double auroc, long members, long nonmembers) {
    double q1 = auroc / (2 - auroc);
    double q2 = 2 * auroc * auroc / (1 + auroc);
    double square = auroc * auroc;
    double variance =
        auroc * (1 - auroc) + (members - 1) * (q1 - square) + (nonmembers - 1) * (q2 - square);
    return Math.sqrt(variance / members / nonmembers);
  }
}
