package io.sagitta.attack.report;

import io.sagitta.attack.guard.Baseline;
import io.sagitta.nn.data.ImageDataset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known about how the scores came to be. All of it is optional and shown as it is.
 *
 * @param title of the report
 * @param setup a label and a line of text each, in order, such as data set, architecture, seed,
 *     device
 * @param hashes a file or configuration and its SHA-256
 * @param models the models that were trained
 * @param warnings whole sentences a reader must know
 * @param images the samples' images, or null where they are not at hand
 * @param baselines what images and labels alone tell of each target; empty where that was not tried
 */
public record RunInfo(
    String title,
    Map<String, String> setup,
    Map<String, String> hashes,
    List<Model> models,
    List<String> warnings,
    ImageDataset images,
    List<Baseline> baselines) {

  /**
   * One trained model.
   *
   * @param index its number in the run
   * @param role such as {@code shadow} or {@code target}
   * @param trainAccuracy share of its own training samples it gets right, 0 to 1; NaN if not known
   * @param otherAccuracy the same over samples it was not trained on
   * @param loss mean training loss at the end; NaN if not known
   * @param note such as why training stopped; empty when there is nothing to say
   */
  public record Model(
      int index,
      String role,
      double trainAccuracy,
      double otherAccuracy,
      double loss,
      String note) {}

  /** Takes copies that keep their order. */
  public RunInfo {
    setup = Collections.unmodifiableMap(new LinkedHashMap<>(setup));
    hashes = Collections.unmodifiableMap(new LinkedHashMap<>(hashes));
    models = List.copyOf(models);
    warnings = List.copyOf(warnings);
    baselines = List.copyOf(baselines);
  }

  /** Without images. */
  public RunInfo(
      String title,
      Map<String, String> setup,
      Map<String, String> hashes,
      List<Model> models,
      List<String> warnings) {
    this(title, setup, hashes, models, warnings, null, List.of());
  }

  /** Nothing but a title: for scores made elsewhere. */
  public static RunInfo titled(String title) {
    return new RunInfo(title, Map.of(), Map.of(), List.of(), List.of());
  }
}
