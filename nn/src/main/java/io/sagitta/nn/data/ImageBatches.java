package io.sagitta.nn.data;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;
import java.util.Iterator;

/**
 * Makes batches of a data set's views on a backend. Where a device has room in a memory of its own,
 * all images lie there, as bytes, and a batch costs an upload of four numbers an image; otherwise
 * batches are made in the host's memory and uploaded, those that are announced in the background
 * while others are computed on. The views are the same, bit for bit.
 */
public final class ImageBatches implements AutoCloseable {
  /** The share of the free memory, one part in so many, that a data set may take. */
  private static final int SHARE = 4;

  /** The most that one buffer holds. */
  private static final long MOST_RESIDENT_BYTES = Integer.MAX_VALUE - 8L;

  /** Elements of an upload. */
  private static final int PIECE = 1 << 20;

  private final Backend backend;
  private final ImageDataset dataset;
  private final Buffer images;
  private final Buffer table;
  private final ReadyBatches ready;
  private float[] pixels = {};

  /**
   * @param resident whether the images are kept by the backend
   * @param ahead whether batches that are announced are made before they are asked for
   */
  ImageBatches(Backend backend, ImageDataset dataset, boolean resident, boolean ahead) {
    this.backend = backend;
    this.dataset = dataset;
    this.ready = ahead ? new ReadyBatches(dataset) : null;
    this.table = resident ? backend.allocate(backend.dtype(), dataset.channels() * 256L) : null;
    this.images = resident ? allocate() : null;
    if (resident) {
      float[] values = dataset.normalizedBytes();
      backend.upload(values, 0, table, 0, values.length);
      uploadImages();
    }
  }

  /** The batches of a data set; whoever asks closes them before the backend. */
  public static ImageBatches of(Backend backend, ImageDataset dataset) {
    long free = backend.freeDeviceBytes();
    boolean resident = dataset.bytes() <= Math.min(free / SHARE, MOST_RESIDENT_BYTES);
    // Where nothing is decoded, a host's own cores have better to do than to be early.
    boolean ahead = !resident && (free > 0 || dataset.isMade());
    return new ImageBatches(backend, dataset, resident, ahead);
  }

  /**
   * Says which views will be asked for, in order, so that they can be made in the background.
   * Others may be asked for all the same.
   *
   * @param batches asked for the next ones while views are asked for here, or not at all
   */
  public void announce(Iterator<WantedViews> batches) {
    if (ready != null) {
      ready.announce(batches);
    }
  }

  private Buffer allocate() {
    Buffer made = null;
    try {
      made = backend.allocate(DType.I32, (dataset.bytes() + Integer.BYTES - 1) / Integer.BYTES);
      return made;
    } finally {
      if (made == null) {
        table.release();
      }
    }
  }

  private void uploadImages() {
    long elements = images.elements();
    int[] piece = new int[(int) Math.min(PIECE, elements)];
    for (long from = 0; from < elements; from += piece.length) {
      int count = (int) Math.min(piece.length, elements - from);
      dataset.pack(from, piece, count);
      backend.upload(piece, 0, images, from, count);
    }
  }

  /**
   * The views that {@link Augment#augmentedBatch} makes.
   *
   * @return [indices.length, H, W, C], in the current scope
   */
  public DenseTensor views(int[] indices, long epoch, long seed, Augment.Mode mode) {
    DenseTensor views =
        DenseTensor.allocate(
            backend,
            Shape.of(indices.length, dataset.height(), dataset.width(), dataset.channels()));
    if (images == null) {
      upload(indices, epoch, seed, mode, views.buffer());
    } else {
      gather(indices, epoch, seed, mode, views.buffer());
    }
    return views;
  }

  private void upload(int[] indices, long epoch, long seed, Augment.Mode mode, Buffer views) {
    int count = Math.toIntExact(views.elements());
    if (ready != null) {
      float[] made = ready.take(new WantedViews(indices, epoch, seed, mode));
      if (made != null) {
        backend.upload(made, 0, views, 0, count);
        ready.giveBack(made);
        return;
      }
    }
    if (pixels.length < count) {
      pixels = new float[count];
    }
    Augment.augmentedBatch(dataset, indices, epoch, seed, mode, pixels);
    backend.upload(pixels, 0, views, 0, count);
  }

  private void gather(int[] indices, long epoch, long seed, Augment.Mode mode, Buffer views) {
    for (int index : indices) {
      dataset.requireIndex(index);
    }
    int[] values = Augment.draws(indices, epoch, seed, mode);
    Buffer draws = backend.allocate(DType.I32, values.length);
    try {
      backend.upload(values, 0, draws, 0, values.length);
      backend.cropFlip(
          images, table, draws, views, indices.length, dataset.height(), dataset.width(),
          dataset.channels());
    } finally {
      draws.release();
    }
  }

  /** Gives the images back. */
  @Override
  public void close() {
    if (ready != null) {
      ready.close();
    }
    if (images != null) {
      images.release();
      table.release();
    }
  }
}
