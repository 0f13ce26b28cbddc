package io.sagitta.nn.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The residual networks there are: blocks of each stage, kind of block, usual width. */
enum Architecture {
  RESNET8("resnet8", false, 16, 1, 1, 1),
  RESNET20("resnet20", false, 16, 3, 3, 3),
  RESNET32("resnet32", false, 16, 5, 5, 5),
  RESNET56("resnet56", false, 16, 9, 9, 9),
  RESNET18("resnet18", false, 64, 2, 2, 2, 2),
  RESNET34("resnet34", false, 64, 3, 4, 6, 3),
  RESNET50("resnet50", true, 64, 3, 4, 6, 3);

  private final String id;
  private final boolean bottleneck;
  private final int defaultWidth;
  private final int[] blocks;

  Architecture(String id, boolean bottleneck, int defaultWidth, int... blocks) {
    this.id = id;
    this.bottleneck = bottleneck;
    this.defaultWidth = defaultWidth;
    this.blocks = blocks;
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

  boolean bottleneck() {
    return bottleneck;
  }

  int defaultWidth() {
    return defaultWidth;
  }

  int stages() {
    return blocks.length;
  }

  int blocks(int stage) {
    return blocks[stage];
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
