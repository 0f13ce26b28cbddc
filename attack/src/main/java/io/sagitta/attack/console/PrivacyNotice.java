package io.sagitta.attack.console;

import io.sagitta.nn.layers.ChannelNorm;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.privacy.Privacy;
import java.util.Locale;

/** What a user should know before a private training begins. */
public final class PrivacyNotice {
  private PrivacyNotice() {}

  /**
   * Says it.
   *
   * @param spec what is trained
   * @param promise null for plain training, of which nothing is said
   */
  public static void say(Terminal terminal, ModelSpec spec, Privacy.Promise promise) {
    if (promise == null) {
      return;
    }
    Privacy privacy = promise.privacy();
    terminal.say(
        String.format(
            Locale.ROOT,
            "Private training: epsilon %.4g at delta %.3g, noise %.4g times the clipping norm %s.",
            promise.epsilon(), privacy.delta(), promise.noise(), privacy.clip()));
    if (spec.norm() == ChannelNorm.GROUP) {
      terminal.say(
          "Batch normalisation is replaced by group normalisation of min(32, channels) groups, since"
              + " a batch's statistics mix its samples.");
    }
    if (privacy.delta() * promise.members() >= 1) {
      terminal.say(
          String.format(
              Locale.ROOT,
              "Delta %.3g is not below one in %d training images: it allows to give one away whole.",
              privacy.delta(), promise.members()));
    }
    terminal.say(
        "The noise follows from --seed: keep the seed secret where weights are published.");
  }
}
