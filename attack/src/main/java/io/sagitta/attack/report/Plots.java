package io.sagitta.attack.report;

import io.sagitta.attack.methods.AttackResult;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.Distribution;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.metrics.Roc;
import io.sagitta.attack.run.Signal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The report's pictures: of the first target, so that each line is one model's. */
final class Plots {
  private Plots() {}

  static List<Plot> of(AttackResults results) {
    List<Plot> plots = new ArrayList<>();
    List<Mode> modes =
        results.results().stream()
            .map(AttackResult::mode)
            .distinct()
            .sorted(Comparator.reverseOrder())
            .toList();
    for (Mode mode : modes) {
      plots.add(roc(results, mode));
    }
    int target = results.results().get(0).target();
    for (Distribution distribution : results.distributions()) {
      if (distribution.target() == target) {
        plots.add(histogram(distribution));
      }
    }
    return plots;
  }

  private static Plot roc(AttackResults results, Mode mode) {
    int target = results.results().get(0).target();
    List<AttackResult> ofMode =
        results.results().stream().filter(r -> r.mode() == mode && r.target() == target).toList();
    Roc any = ofMode.get(0).roc();
    long finest = Math.max(any.members(), any.nonmembers());
    RocChart chart = new RocChart((int) Math.max(1, Math.ceil(Math.log10(finest))));
    for (AttackResult result : ofMode) {
      chart.add(result.attack().title(), result.roc());
    }
    return new Plot(
        "roc-" + mode.id(),
        "ROC of all attacks, " + (mode == Mode.PAPER ? "the paper's arithmetic" : "corrected"),
        "Target " + target + ". Left is strict: the share of non-members wrongly accused."
            + " Up is success: the share of members found. Both axes are logarithmic; the dotted"
            + " line is guessing.",
        chart.chart());
  }

  private static Plot histogram(Distribution distribution) {
    boolean curvature = distribution.signal() == Signal.CURV_ZO;
    String what = curvature ? "curvature" : "loss";
    return new Plot(
        "histogram-" + what,
        "Log " + what + " of members and non-members",
        "Target " + distribution.target() + ", the images as they are. Median "
            + Text.figure(distribution.memberMedian()) + " for members, "
            + Text.figure(distribution.nonmemberMedian()) + " for non-members. Where the two"
            + " overlap, " + what + " alone cannot tell them apart.",
        HistogramChart.of(distribution, "log10 of " + what));
  }
}
