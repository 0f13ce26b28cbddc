package io.sagitta.nn.data;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Buffer;
import io.sagitta.kernels.DType;

/**
 * Makes batches of a data set's views on a backend. Where a device has room in a memory of its own,
 * all images lie there, as bytes, and a batch costs an upload of four numbers an image; otherwise
 * batches are made in the host's memory and uploaded. The views are the same, bit for bit.
 */
public final class ImageBatches implements AutoCloseable {
  /** The share of the free memory, one part in so many, that a data set may take. */
  private static final int SHARE = 4;

  /** Elements of an upload. */
  private static final int PIECE = 1 << 20;

  private final Backend backend;
  private final ImageDataset dataset;
  private final Buffer images;
  private final Buffer table;
  private float[] pixels = {};

  /**
   * @param resident whether the images are kept by the backend
   */
  ImageBatches(Backend backend, ImageDataset dataset, boolean resident) {
    this.backend = backend;
    this.dataset = dataset;
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
    return new ImageBatches(
        backend, dataset, dataset.bytes() <= backend.freeDeviceBytes() / SHARE);
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
    if (images != null) {
      images.release();
      table.release();
    }
  }
}
