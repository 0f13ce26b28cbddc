package io.sagitta.attack.cli;

import io.sagitta.attack.console.NetworkHelp;
import io.sagitta.attack.console.Range;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Stem;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which network some weights are of, where their file does not say. */
final class NetworkOptions {
  private static final int WIDE_KERNEL = 7;

  @Option(
      names = "--arch", paramLabel = "NAME",
      description = "Network: " + NetworkHelp.ARCHITECTURES + " (default: what the file says).")
  private String architecture;

  @Range(least = 1)
  @Option(
      names = "--width", paramLabel = "W",
      description = NetworkHelp.WIDTH + " A file that says its width goes before the default.")
  private int width;

  @Range(least = 2)
  @Option(
      names = "--classes", paramLabel = "K",
      description = "Its classes (default: what the file says).")
  private int classes;

  /**
   * The network: what these options say; else what the file's metadata say; else another's.
   *
   * @param other or null
   * @throws IllegalArgumentException if nothing says it
   */
  ModelSpec spec(Safetensors.File file, ModelSpec other) {
    Map<String, String> metadata = file.metadata();
    if (architecture == null && metadata.containsKey("architecture")) {
      return ModelSpec.of(metadata);
    }
    if (architecture == null && other != null) {
      return other;
    }
    int known = classes == 0 && other != null ? other.classes() : classes;
    if (architecture == null || known == 0) {
      throw new IllegalArgumentException(
          "weights: expected a file that says what network they are of, or --arch and --classes");
    }
    return spec(architecture, known, width, file);
  }

  /**
   * The first convolution tells the two beginnings of a ResNet apart, and running statistics batch
   * from group normalisation.
   */
  static ModelSpec spec(String architecture, int classes, int width, Safetensors.File file) {
    ModelSpec spec = ModelSpec.of(architecture, classes, width);
    Safetensors.Entry stem = file.entries().get("conv1.weight");
    boolean wide =
        spec.hasStem(Stem.IMAGENET) && stem != null && stem.shape().length == 4
            && stem.shape()[2] == WIDE_KERNEL;
    ModelSpec begun = wide ? spec.with(Stem.IMAGENET) : spec;
    boolean counted =
        file.entries().keySet().stream().anyMatch(name -> name.endsWith(".running_mean"));
    return counted ? begun : begun.withoutBatchNorm();
  }
}
