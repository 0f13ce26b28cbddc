package io.sagitta.attack.console;

import io.sagitta.nn.data.Datasets;
import io.sagitta.nn.data.FolderOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How pictures of a folder become images: a mixin, and a superclass for groups of options. */
public class PictureOptions {
  /** ImageNet's custom: 256 for a crop of 224. */
  private static final double RESIZE_OVER_CROP = 256.0 / 224;

  @Range(least = 1)
  @Option(
      names = "--resize", paramLabel = "N",
      description = "Folders: scale the shorter side to N pixels, bilinear with antialiasing"
          + " (default: 8/7 of --crop; without both, all pictures must have one size).")
  private Integer resize;

  @Range(least = 1)
  @Option(
      names = "--crop", paramLabel = "N",
      description = "Folders: cut N x N pixels out of the middle, 224 for ImageNet (default:"
          + " --resize).")
  private Integer crop;

  @Option(
      names = "--skip-broken",
      description = "Folders: leave files out that cannot be decoded; they are named (default:"
          + " refuse them).")
  private Boolean skipBroken;

  /**
   * Checks that the kind of data set looks at all that was given.
   *
   * @param data the path that was given, or null
   * @throws IllegalArgumentException naming what it does not look at
   */
  public final void requireUse(Datasets.Kind kind, Path data) {
    if (data != null && !kind.needsPath()) {
      throw new IllegalArgumentException(
          "--data: expected none for " + kind + " images, which are made, got " + data);
    }
    boolean given = resize != null || crop != null || skipBroken != null;
    if (given && kind != Datasets.Kind.FOLDER) {
      throw new IllegalArgumentException(
          "--resize, --crop, --skip-broken: expected data set folder with them, got " + kind);
    }
  }

  /**
   * These options over recorded ones.
   *
   * @throws IllegalArgumentException if a side is out of range
   */
  public final FolderOptions over(FolderOptions recorded) {
    boolean skips = skipBroken == null ? recorded.skipBroken() : skipBroken;
    if (resize == null && crop == null) {
      return new FolderOptions(recorded.resize(), recorded.crop(), skips);
    }
    int shorter = resize == null ? (int) Math.round(crop * RESIZE_OVER_CROP) : resize;
    return new FolderOptions(shorter, crop == null ? resize : crop, skips);
  }
}
