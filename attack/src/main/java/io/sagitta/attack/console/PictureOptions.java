package io.sagitta.attack.console;

import io.sagitta.nn.data.FolderOptions;
import picocli.CommandLine.Option;

/** How pictures of a folder become images: a mixin, and a superclass for groups of options. */
public class PictureOptions {
  /** ImageNet's custom: 256 for a crop of 224. */
  private static final double RESIZE_OVER_CROP = 256.0 / 224;

  @Option(
      names = "--resize", paramLabel = "N",
      description = "Folders: scale the shorter side to N pixels, bilinear with antialiasing"
          + " (default: 8/7 of --crop; without both, all pictures must have one size).")
  private Integer resize;

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
