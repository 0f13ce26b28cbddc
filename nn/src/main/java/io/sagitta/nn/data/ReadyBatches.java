package io.sagitta.nn.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;

/**
 * Batches of views that are made in the background before they are asked for, a few at a time. A
 * view depends on seed, epoch and image alone, so they are the ones that would be made when asked
 * for.
 */
final class ReadyBatches implements AutoCloseable {
  /** Batches in the making or ready: one may be late while another is used. */
  private static final int AHEAD = 3;

  /** What decides a batch. */
  record Wanted(int[] indices, long epoch, long seed, Augment.Mode mode) {
    private boolean is(Wanted other) {
      return Arrays.equals(indices, other.indices) && epoch == other.epoch && seed == other.seed
          && mode == other.mode;
    }
  }

  private record Making(Wanted wanted, float[] views, List<Future<?>> parts) {}

  private final ImageDataset dataset;
  private final Deque<Wanted> waiting = new ArrayDeque<>();
  private final Deque<Making> making = new ArrayDeque<>();
  private final Deque<float[]> spare = new ArrayDeque<>();

  ReadyBatches(ImageDataset dataset) {
    this.dataset = dataset;
  }

  /** Says what will be asked for, in order; what was said before no longer holds. */
  void announce(List<Wanted> batches) {
    close();
    waiting.addAll(batches);
    refill();
  }

  /**
   * The next batch.
   *
   * @return [indices.length, H, W, C] from the array's start; to be {@link #giveBack given back};
   *     null if another batch was announced
   */
  float[] take(Wanted wanted) {
    Making next = making.peek();
    if (next == null || !next.wanted.is(wanted)) {
      return null;
    }
    making.remove();
    next.parts.forEach(Decoders::await);
    return next.views;
  }

  /** Takes an array back that nobody reads any more, and goes on. */
  void giveBack(float[] views) {
    spare.push(views);
    refill();
  }

  private void refill() {
    while (making.size() < AHEAD && !waiting.isEmpty()) {
      making.add(begin(waiting.remove()));
    }
  }

  private Making begin(Wanted wanted) {
    int count = wanted.indices.length;
    int room = Math.multiplyExact(count, dataset.imageElements());
    float[] views = spare.isEmpty() || spare.peek().length < room ? new float[room] : spare.pop();
    int[] draws = Augment.draws(wanted.indices, wanted.epoch, wanted.seed, wanted.mode);
    List<Future<?>> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int part = i;
      parts.add(
          Decoders.begin(
              () -> {
                Augment.view(dataset, draws, part, views);
                return null;
              }));
    }
    return new Making(wanted, views, parts);
  }

  /** Begins nothing more. */
  @Override
  public void close() {
    waiting.clear();
    making.forEach(batch -> batch.parts.forEach(part -> part.cancel(false)));
    making.clear();
    spare.clear();
  }
}
