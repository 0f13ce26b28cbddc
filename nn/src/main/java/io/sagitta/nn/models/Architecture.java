package io.sagitta.nn.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The networks there are: names, usual widths, the images they take, and how they are made. */
enum Architecture {
  RESNET8("resnet8", 16, ImageSize.ANY, spec -> ResNet.basic(spec, 1, 1, 1)),
  RESNET20("resnet20", 16, ImageSize.ANY, spec -> ResNet.basic(spec, 3, 3, 3)),
  RESNET32("resnet32", 16, ImageSize.ANY, spec -> ResNet.basic(spec, 5, 5, 5)),
  RESNET56("resnet56", 16, ImageSize.ANY, spec -> ResNet.basic(spec, 9, 9, 9)),
  RESNET18("resnet18", 64, ImageSize.ANY, spec -> ResNet.basic(spec, 2, 2, 2, 2)),
  RESNET34("resnet34", 64, ImageSize.ANY, spec -> ResNet.basic(spec, 3, 4, 6, 3)),
  RESNET50("resnet50", 64, ImageSize.ANY, spec -> ResNet.bottleneck(spec, 3, 4, 6, 3)),
  VGG11("vgg11", 64, ImageSize.FROM_32, spec -> new Vgg(spec, 1, 1, 2, 2, 2)),
  VGG16("vgg16", 64, ImageSize.FROM_32, spec -> new Vgg(spec, 2, 2, 3, 3, 3)),
  LENET5("lenet5", 6, ImageSize.ONLY_32, LeNet5::new),
  MLP("mlp", 512, ImageSize.ONLY_32, Mlp::new),
  VIT_TINY("vit-tiny", 192, ImageSize.ONLY_32, VisionTransformer::new);

  /** The images that a network takes. */
  enum ImageSize {
    /** Any size, photographs with a beginning of their own. */
    ANY("of any size"),
    /** At least 32 rows and columns. */
    FROM_32("of at least 32×32 pixels"),
    /** 32 rows and columns. */
    ONLY_32("of 32×32 pixels");

    private static final int SIDE = 32;

    private final String words;

    ImageSize(String words) {
      this.words = words;
    }

    private boolean takes(int height, int width) {
      return switch (this) {
        case ANY -> true;
        case FROM_32 -> height >= SIDE && width >= SIDE;
        case ONLY_32 -> height == SIDE && width == SIDE;
      };
    }
  }

  private final String id;
  private final int defaultWidth;
  private final ImageSize size;
  private final Function<ModelSpec, Model> maker;

  Architecture(String id, int defaultWidth, ImageSize size, Function<ModelSpec, Model> maker) {
    this.id = id;
    this.defaultWidth = defaultWidth;
    this.size = size;
    this.maker = maker;
  }

  static List<String> ids() {
    return Arrays.stream(values()).map(a -> a.id).toList();
  }

  static Architecture of(String id) {
    for (Architecture architecture : values()) {
      if (architecture.id.equals(id)) {
        return architecture;
      }
    }
    throw new IllegalArgumentException(
        "architecture: expected one of " + ids().stream().collect(Collectors.joining(", "))
            + "; got '" + id + "'" + suggestion(id));
  }

  Model create(ModelSpec spec) {
    return maker.apply(spec);
  }

  int defaultWidth() {
    return defaultWidth;
  }

  /** Whether it has a beginning for photographs beside that for small images. */
  boolean hasStem(Stem stem) {
    return stem == Stem.CIFAR || size == ImageSize.ANY;
  }

  void requireImages(int height, int width) {
    if (!size.takes(height, width)) {
      throw new IllegalArgumentException(
          id + ": expected images " + size.words + ", got " + height + "×" + width);
    }
  }

  private static String suggestion(String id) {
    String nearest = null;
    int least = 4;
    for (String known : ids()) {
      int distance = distance(id.toLowerCase(Locale.ROOT), known);
      if (distance < least) {
        least = distance;
        nearest = known;
      }
    }
    return nearest == null ? "" : "; did you mean " + nearest + "?";
  }

  /** Levenshtein's: single characters inserted, removed or replaced to get from a to b. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
