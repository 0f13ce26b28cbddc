package io.sagitta.nn.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How the pictures of a folder become images of one size, and what is done with broken ones.
 *
 * @param resize what the shorter side is scaled to; 0 where all pictures have one size already
 * @param crop the side of the square that is cut out of the middle; 0 with {@code resize}
 * @param skipBroken whether files that cannot be decoded are left out; otherwise they are refused
 */
public record FolderOptions(
    int resize, int crop, @JsonProperty("skip_broken") boolean skipBroken) {
  /** Pictures of one size, all sound. */
  public static final FolderOptions AS_THEY_ARE = new FolderOptions(0, 0, false);

  private static final int MAX_SIDE = 1024;

  /** Checks. */
  public FolderOptions {
    if (resize < 0 || resize > MAX_SIDE || crop < 0 || crop > resize || crop == 0 && resize > 0) {
      throw new IllegalArgumentException(
          "image folder: expected a side of 1.." + MAX_SIDE + " to scale to and at most that to cut"
              + " out, or 0 for both, got " + resize + " and " + crop);
    }
  }

  /** Whether pictures are scaled. */
  public boolean scales() {
    return resize > 0;
  }

  /** As run files have it. */
  @Override
  public String toString() {
    return (scales() ? "resize " + resize + ", crop " + crop : "as they are")
        + (skipBroken ? ", broken left out" : "");
  }
}
