package io.sagitta.attack.cli;

import io.sagitta.attack.console.NetworkHelp;
import io.sagitta.attack.console.Range;
import io.sagitta.attack.console.Terminal;
import io.sagitta.attack.work.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The models and samples of a study of one network. */
final class StudiedModels {
  @Option(
      names = "--weights", paramLabel = "FILE", split = ",",
      description = "Weights, safetensors files with PyTorch's names; the samples of several count"
          + " together.")
  private List<Path> weights = new ArrayList<>();

  @Range(least = 1)
  @Option(
      names = "--width", paramLabel = "W",
      description = NetworkHelp.WIDTH + " What a file says goes before the default.")
  private Integer width;

  @Mixin private StudiedData data;

  /**
   * Opens everything, and trains where no weights are given.
   *
   * @param out made if it is not there; receives what is trained, as model.safetensors
   */
  StudiedData.Study prepare(Path out, int count, long seed, Workers workers, Terminal terminal) {
    return data.prepare(weights, width, out, "model.safetensors", count, seed, workers, terminal);
  }
}
