package io.sagitta.attack.cli;

import io.sagitta.nn.io.BadFileException;
import io.sagitta.nn.io.Safetensors;
import io.sagitta.nn.models.ModelSpec;
import io.sagitta.nn.models.Stem;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which network options say that some weights are of; null where they do not say.
 */
record NamedNetwork(String architecture, Integer width, Integer classes) {
  private static final int WIDE_KERNEL = 7;

  /** Those of {@link ModelSpec#metadata} that are always there. */
  private static final List<String> KEYS = List.of("architecture", "classes", "width", "stem");

  /** Whether a file says what network its weights are of, as those of Sagitta do. */
  static boolean isSaidBy(Safetensors.File file) {
    return file.metadata().keySet().containsAll(KEYS);
  }

  /** Whether the options say anything. */
  boolean isGiven() {
    return architecture != null || width != null || classes != null;
  }

  /**
   * The network of a file: what the file says, which the options must not contradict; else what they
   * say.
   *
   * @param usualClasses where neither says them; 0 for none
   * @throws IllegalArgumentException if nothing says it, or the options contradict the file
   */
  ModelSpec of(Path path, Safetensors.File file, int usualClasses) {
    if (isSaidBy(file)) {
      ModelSpec said = said(path, file.metadata());
      requireSame(path, "--arch", said.architecture(), architecture);
      requireSame(path, "--width", said.width(), width);
      requireSame(path, "--classes", said.classes(), classes);
      return said;
    }
    int known = classes == null ? usualClasses : classes;
    if (architecture == null || known == 0) {
      throw new IllegalArgumentException(
          path + ": expected " + (known == 0 ? "--arch and --classes" : "--arch")
              + ", since the file does not say what network its weights are of");
    }
    return of(file, ModelSpec.of(architecture, known, width == null ? 0 : width));
  }

  private static ModelSpec said(Path path, Map<String, String> metadata) {
    try {
      return ModelSpec.of(metadata);
    } catch (IllegalArgumentException e) {
      throw new BadFileException(path, e.getMessage(), e);
    }
  }

  private static void requireSame(Path path, String option, Object said, Object given) {
    if (given != null && !given.equals(said)) {
      throw new IllegalArgumentException(
          option + ": expected " + said + ", which " + path + " says, got " + given);
    }
  }

  /**
   * The first convolution tells the two beginnings of a ResNet apart, and running statistics batch
   * from group normalisation.
   */
  private static ModelSpec of(Safetensors.File file, ModelSpec spec) {
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
