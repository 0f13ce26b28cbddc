package io.sagitta.nn.models;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What network is meant.
 *
 * @param architecture one of {@link Models#architectures()}
 * @param classes the number of logits, at least 2
 * @param width channels of the first stage; later stages double it
 * @param stem how the network begins
 */
public record ModelSpec(String architecture, int classes, int width, Stem stem) {
  /** Checks. */
  public ModelSpec {
    Architecture.of(architecture);
    if (classes < 2 || width < 1) {
      throw new IllegalArgumentException(
          architecture + ": expected at least 2 classes and a width of at least 1, got " + classes
              + " and " + width);
    }
  }

  /**
   * A network for small images.
   *
   * @param width channels of the first stage; 0 for the architecture's own: 16 for ResNet-8, 20, 32
   *     and 56, 64 for ResNet-18, 34 and 50
   * @throws IllegalArgumentException if there is no such architecture, naming those there are
   */
  public static ModelSpec of(String architecture, int classes, int width) {
    int chosen = width == 0 ? Architecture.of(architecture).defaultWidth() : width;
    return new ModelSpec(architecture, classes, chosen, Stem.CIFAR);
  }

  /**
   * Reads {@link #metadata} back.
   *
   * @throws IllegalArgumentException if one is missing or not such a value
   */
  public static ModelSpec of(Map<String, String> metadata) {
    try {
      return new ModelSpec(
          String.valueOf(metadata.get("architecture")), Integer.parseInt(metadata.get("classes")),
          Integer.parseInt(metadata.get("width")),
          Stem.valueOf(String.valueOf(metadata.get("stem")).toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "network: expected its architecture, classes, width and stem in metadata, got " + metadata,
          e);
    }
  }

  /** The same network with another beginning. */
  public ModelSpec with(Stem other) {
    return new ModelSpec(architecture, classes, width, other);
  }

  /** The fields as text, as files record them. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("architecture", architecture);
    metadata.put("classes", Integer.toString(classes));
    metadata.put("width", Integer.toString(width));
    metadata.put("stem", stem.name().toLowerCase(Locale.ROOT));
    return metadata;
  }

  /** In words: {@code resnet8, width 16, 100 classes}. */
  @Override
  public String toString() {
    String text = architecture + ", width " + width + ", " + classes + " classes";
    return stem == Stem.CIFAR ? text : text + ", ImageNet stem";
  }
}
