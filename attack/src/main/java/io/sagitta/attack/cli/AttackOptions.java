package io.sagitta.attack.cli;

import io.sagitta.attack.console.Range;
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

  @Range(least = 0)
  @Option(
      names = "--shadows-used", paramLabel = "N", defaultValue = "2147483647",
      description = "Only the first N shadows (default: all).")
  private int shadows;

  @Option(
      names = "--variance", paramLabel = "RULE",
      description = "Variances of corrected likelihood ratios: per-sample; global, one for all"
          + " samples; shrunk, between the two as far as the data say (default: shrunk).")
  private String variance;

  @Option(
      names = "--views", paramLabel = "RULE",
      description = "Views of each image in corrected attacks that read several: all, added up; or"
          + " auto, one alone where it tells the shadows' own members apart better (default:"
          + " auto).")
  private String views;

  @Range(least = 1, most = 1_000_000)
  @Option(
      names = "--resamples", paramLabel = "N", defaultValue = "1000",
      description = "Redraws behind each interval (default: 1000).")
  private int resamples;

  @Range(least = 0, below = 1)
  @Option(
      names = "--delta", paramLabel = "D", defaultValue = "0",
      description = "The delta of the lower bounds on epsilon (default: 0).")
  private double delta;

  @Range(above = 0, below = 1)
  @Option(
      names = "--confidence", paramLabel = "C", defaultValue = "0.95",
      description = "Of the lower bounds on epsilon (default: 0.95).")
  private double confidence;

  /**
   * All of it.
   *
   * @throws IllegalArgumentException naming what there is where a name is unknown
   */
  AttackSettings settings() {
    if ((variance != null || views != null) && !modes().contains(Mode.CORRECTED)) {
      throw new IllegalArgumentException(
          "--variance, --views: expected --mode corrected or both with them, got " + mode);
    }
    AttackSettings settings =
        AttackSettings.of(modes())
            .withShadows(shadows)
            .withVariance(variance == null ? Variance.SHRUNK : Variance.byId(variance))
            .withViews(views == null ? Views.AUTO : Views.byId(views))
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
