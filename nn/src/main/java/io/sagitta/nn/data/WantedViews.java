package io.sagitta.nn.data;

import java.util.Arrays;

/**
 * What decides a batch of views: which images, and of which epoch and seed.
 *
 * @param indices the images, by their index in the data set; kept, not copied
 */
public record WantedViews(int[] indices, long epoch, long seed, Augment.Mode mode) {
  /** Whether these are the same views in the same order. */
  boolean is(WantedViews other) {
    return Arrays.equals(indices, other.indices) && epoch == other.epoch && seed == other.seed
        && mode == other.mode;
  }
}
