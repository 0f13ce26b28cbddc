package io.sagitta.attack.cli;

import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.methods.Variance;
import io.sagitta.attack.methods.Views;
import io.sagitta.attack.metrics.Bootstrap;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What an evaluation is asked for on the command line. */
final class AttackOptions {
  @Option(
      names = "--attacks", paramLabel = "ID", split = ",",
      description = "Only these, by the names in the table; one that cannot be carried out is an"
          + " error (default: every one that the scores allow).")
  private List<String> attacks;

  @Option(
      names = "--mode", paramLabel = "MODE", defaultValue = "both",
      description = "paper, the published arithmetic; corrected; or both (default: both).")
  private String mode;

  @Option(
      names = "--shadows-used", paramLabel = "N", defaultValue = "2147483647",
      description = "Only the first N shadows (default: all).")
  private int shadows;

  @Option(
      names = "--variance", paramLabel = "RULE", defaultValue = "shrunk",
      description = "Variances of corrected likelihood ratios: per-sample; global, one for all"
          + " samples; shrunk, between the two as far as the data say (default: shrunk).")
  private String variance;

  @Option(
      names = "--views", paramLabel = "RULE", defaultValue = "auto",
      description = "Views of each image in corrected attacks that read several: all, added up; or"
          + " auto, one alone where it tells the shadows' own members apart better (default:"
          + " auto).")
  private String views;

  @Option(
      names = "--resamples", paramLabel = "N", defaultValue = "1000",
      description = "Redraws behind each interval (default: 1000).")
  private int resamples;

  @Option(
      names = "--delta", paramLabel = "D", defaultValue = "0",
      description = "The delta of the lower bounds on epsilon (default: 0).")
  private double delta;

  @Option(
      names = "--confidence", paramLabel = "C", defaultValue = "0.95",
      description = "Of the lower bounds on epsilon (default: 0.95).")
  private double confidence;

  /**
   * All of it.
   *
   * @throws IllegalArgumentException naming the option that is out of range
   */
  AttackSettings settings() {
    if (!(delta >= 0 && delta < 1) || !(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "expected --delta in [0, 1) and --confidence in (0, 1), got " + delta + " and "
              + confidence);
    }
    AttackSettings settings =
        AttackSettings.of(modes())
            .withShadows(shadows)
            .withVariance(Variance.byId(variance))
            .withViews(Views.byId(views))
            .withBootstrap(new Bootstrap(0, resamples))
            .withEpsilon(delta, confidence);
    return attacks == null
        ? settings
        : settings.withAttacks(attacks.stream().distinct().map(Attacks::byId).toList());
  }

  private Set<Mode> modes() {
    if (mode.equals("both")) {
      return EnumSet.allOf(Mode.class);
    }
    return Arrays.stream(Mode.values())
        .filter(known -> known.id().equals(mode))
        .findFirst()
        .map(EnumSet::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--mode: expected paper, corrected or both, got '" + mode + "'"));
  }
}
