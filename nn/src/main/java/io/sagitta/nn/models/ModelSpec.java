package io.sagitta.nn.models;

import io.sagitta.nn.layers.ChannelNorm;
import io.sagitta.nn.layers.ParameterSpec;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What network is meant.
 *
 * @param architecture one of {@link Models#architectures()}
 * @param classes the number of logits, at least 2
 * @param width channels of the first stage, later ones in proportion (ResNet, VGG) or of the first
 *     convolution (LeNet-5); hidden units (MLP); numbers of a token, a multiple of three (ViT)
 * @param stem how the network begins; that for photographs is for residual networks alone
 * @param norm what normalises convolutions, of networks that do
 */
public record ModelSpec(
    String architecture, int classes, int width, Stem stem, ChannelNorm norm) {
  /** Of classes, and of the width: what networks make of more is no int. */
  private static final int MOST = 1_000_000;

  private static final String NORM = "norm";

  /** Checks. */
  public ModelSpec {
    Architecture.of(architecture);
    if (classes < 2 || classes > MOST || width < 1 || width > MOST) {
      throw new IllegalArgumentException(
          architecture + ": expected 2 to " + MOST + " classes and a width of 1 to " + MOST + ", got "
              + classes + " and " + width);
    }
    if (!Architecture.of(architecture).hasStem(stem)) {
      throw new IllegalArgumentException(
          architecture + ": expected the stem " + Stem.CIFAR + ", the only one it has, got " + stem);
    }
  }

  /**
   * A network for small images.
   *
   * @param width 0 for the architecture's own: 16 for ResNet-8, 20, 32 and 56, 64 for ResNet-18, 34
   *     and 50 and VGG, 6 for LeNet-5, 512 for the MLP, 192 for the ViT
   * @throws IllegalArgumentException if there is no such architecture, naming those there are
   */
  public static ModelSpec of(String architecture, int classes, int width) {
    int chosen = width == 0 ? Architecture.of(architecture).defaultWidth() : width;
    return new ModelSpec(architecture, classes, chosen, Stem.CIFAR, ChannelNorm.BATCH);
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
          Stem.valueOf(String.valueOf(metadata.get("stem")).toUpperCase(Locale.ROOT)),
          ChannelNorm.of(metadata.getOrDefault(NORM, ChannelNorm.BATCH.toString())));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "network: expected its architecture, classes, width and stem in metadata, got " + metadata,
          e);
    }
  }

  /** The same network with another beginning. */
  public ModelSpec with(Stem other) {
    return new ModelSpec(architecture, classes, width, other, norm);
  }

  /** Whether samples of a batch depend on each other in training. */
  public boolean hasBatchNorm() {
    return !Models.create(this).parameters(ParameterSpec.Kind.BUFFER).isEmpty();
  }

  /** The same network with {@link ChannelNorm#GROUP} where it has batch normalisation. */
  public ModelSpec withoutBatchNorm() {
    return hasBatchNorm()
        ? new ModelSpec(architecture, classes, width, stem, ChannelNorm.GROUP)
        : this;
  }

  /** Whether there is a network of this architecture with another beginning. */
  public boolean hasStem(Stem other) {
    return Architecture.of(architecture).hasStem(other);
  }

  /**
   * Checks that the network takes images of a size.
   *
   * @throws IllegalArgumentException if not, naming the sizes that it takes
   */
  public void requireImages(int height, int imageWidth) {
    Architecture.of(architecture).requireImages(height, imageWidth);
  }

  /** The fields as text, as files record them. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("architecture", architecture);
    metadata.put("classes", Integer.toString(classes));
    metadata.put("width", Integer.toString(width));
    metadata.put("stem", stem.name().toLowerCase(Locale.ROOT));
    if (norm != ChannelNorm.BATCH) {
      metadata.put(NORM, norm.toString());
    }
    return metadata;
  }

  /** In words: {@code resnet8, width 16, 100 classes}. */
  @Override
  public String toString() {
    String text = architecture + ", width " + width + ", " + classes + " classes";
    String begun = stem == Stem.CIFAR ? text : text + ", ImageNet stem";
    return norm == ChannelNorm.BATCH ? begun : begun + ", group normalisation";
  }
}
