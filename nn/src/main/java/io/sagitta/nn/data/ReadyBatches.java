package io.sagitta.nn.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
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

  private record Making(WantedViews wanted, float[] views, List<Future<?>> parts) {}

  private final ImageDataset dataset;
  private final Deque<Making> making = new ArrayDeque<>();
  private final Deque<float[]> spare = new ArrayDeque<>();
  private Iterator<WantedViews> waiting = Collections.emptyIterator();

  ReadyBatches(ImageDataset dataset) {
    this.dataset = dataset;
  }

  /**
   * Says what will be asked for, in order; what was said before no longer holds. It is taken from
   * {@code batches} a few ahead of what is asked for.
   */
  void announce(Iterator<WantedViews> batches) {
    close();
    waiting = batches;
    refill();
  }

  /**
   * The next batch.
   *
   * @return [indices.length, H, W, C] from the array's start; to be {@link #giveBack given back};
   *     null if another batch was announced
   */
  float[] take(WantedViews wanted) {
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
    while (making.size() < AHEAD && waiting.hasNext()) {
      making.add(begin(waiting.next()));
    }
  }

  private Making begin(WantedViews wanted) {
    int count = wanted.indices().length;
    int room = Math.multiplyExact(count, dataset.imageElements());
    float[] views = spare.isEmpty() || spare.peek().length < room ? new float[room] : spare.pop();
    int[] draws = Augment.draws(wanted.indices(), wanted.epoch(), wanted.seed(), wanted.mode());
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
    waiting = Collections.emptyIterator();
    making.forEach(batch -> batch.parts.forEach(part -> part.cancel(false)));
    making.clear();
    spare.clear();
  }
}
