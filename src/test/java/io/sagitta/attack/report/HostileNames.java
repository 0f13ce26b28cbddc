package io.sagitta.attack.report;

import io.sagitta.attack.methods.Attack;
import io.sagitta.attack.methods.AttackInput;
import io.sagitta.attack.methods.AttackResults;
import io.sagitta.attack.methods.AttackRun;
import io.sagitta.attack.methods.AttackSettings;
import io.sagitta.attack.methods.Attacks;
import io.sagitta.attack.methods.Feature;
import io.sagitta.attack.methods.Mode;
import io.sagitta.attack.methods.SyntheticScores;
import io.sagitta.attack.guard.Baseline;
import io.sagitta.attack.metrics.Bootstrap;
import io.sagitta.attack.run.ScoreSet;
import io.sagitta.attack.run.Signal;
import io.sagitta.nn.data.ImageDataset;
import io.sagitta.nn.data.Synthetic;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** An evaluation in which everything that comes from outside tries to become part of the page. */
final class HostileNames {
  /** Would be an element, end an attribute, or fill a template; sets a mark when it runs. */
  static final String NAME =
      "</title></svg>\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{x}}&";

  private static final int SAMPLES = 300;
  private static final int[] TARGETS = {8, 9};
  private static final Bootstrap BOOTSTRAP = new Bootstrap(0, 50);

  private HostileNames() {}

  static AttackResults results() {
    ScoreSet scores = SyntheticScores.make(3, 10, SAMPLES);
    List<Attack> attacks =
        Stream.concat(Stream.of(new Stranger()), Stream.of("curv-zo-nll", "lira", "yeom")
            .map(Attacks::byId)).toList();
    return AttackRun.evaluate(
        scores, TARGETS,
        AttackSettings.of(EnumSet.allOf(Mode.class))
            .withAttacks(attacks)
            .withBootstrap(BOOTSTRAP));
  }

  static RunInfo info(AttackResults results) {
    ImageDataset plain = Synthetic.generate(0, SAMPLES, 10, 16);
    ImageDataset images =
        new ImageDataset(
            NAME, IntStream.range(0, 10).mapToObj(i -> NAME + i).toList(), 16, 16, 3,
            pixels(plain), plain.labels(), plain.normalization());
    return new RunInfo(
        NAME, Map.of(NAME, NAME), Map.of(NAME, "ab".repeat(32)),
        List.of(
            new RunInfo.Model(0, NAME, 0.8, 0.4, 0.6123, NAME),
            new RunInfo.Model(1, "shadow", Double.NaN, Double.NaN, Double.NaN, "")),
        List.of(NAME), images,
        Baseline.of(images, results.scores(), TARGETS, BOOTSTRAP, () -> {}));
  }

  private static byte[] pixels(ImageDataset images) {
    byte[] all = new byte[images.size() * images.imageElements()];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(
          images.pixels(i), 0, all, i * images.imageElements(), images.imageElements());
    }
    return all;
  }

  /** The loss again, so that it has figures, under a name of its own. */
  private static final class Stranger implements Attack {
    @Override
    public String id() {
      return NAME;
    }

    @Override
    public String title() {
      return NAME;
    }

    @Override
    public String reference() {
      return NAME;
    }

    @Override
    public String formula() {
      return NAME;
    }

    @Override
    public Needs needs(Mode mode) {
      return new Needs(Set.of(Signal.LOGIT), false, false, false);
    }

    @Override
    public Guess guess(AttackInput input) {
      double[] logits =
          input.target(
              Feature.raw(Signal.LOGIT), input.singleView());
      return new Guess(Arrays.copyOf(logits, logits.length), 0);
    }
  }
}
