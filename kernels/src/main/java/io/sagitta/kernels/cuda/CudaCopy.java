package io.sagitta.kernels.cuda;

import static io.sagitta.kernels.cuda.Grid.THREADS;

/**
 * Launches the kernels of copy.cu. The axes are put in the order in which the target lies in memory
 * and merged; then a copy goes by vectors where both sides allow it, by tiles where the axis along
 * which the source is contiguous is not the target's, and else element by element.
 */
final class CudaCopy {
  private static final int WORD_BYTES = 4;
  private static final int VECTOR = 4;
  private static final int TILE = 32;

  /** A tiled axis shorter than this leaves most of a tile idle. */
  private static final int LEAST_SIDE = 12;

  private final ThreadLocal<MergedBox> boxes = ThreadLocal.withInitial(MergedBox::new);
  private final LazyKernel words;
  private final LazyKernel vectors;
  private final LazyKernel transposed;

  CudaCopy(CudaSession session) {
    words = new LazyKernel(session, "copy", "copy_box_b32");
    vectors = new LazyKernel(session, "copy", "copy_box_b128");
    transposed = new LazyKernel(session, "copy", "copy_transposed_b32");
  }

  void copy(
      CudaBuffer source, long sourceOffset, long[] sourceStrides, CudaBuffer target,
      long targetOffset, long[] targetStrides, long[] shape) {
    MergedBox box = boxes.get();
    merge(box, sourceStrides, targetStrides, shape);
    long n = box.count();
    if (n == 0) {
      return;
    }
    long from = sourceOffset;
    long to = targetOffset;
    for (int k = 0; k < shape.length; k++) {
      if (targetStrides[k] < 0) {
        from += (shape[k] - 1) * sourceStrides[k];
        to += (shape[k] - 1) * targetStrides[k];
      }
    }
    long fromAddress = source.address().value() + from * WORD_BYTES;
    long toAddress = target.address().value() + to * WORD_BYTES;
    int vectorBytes = VECTOR * WORD_BYTES;
    int across = acrossAxis(box);
    if (box.hasVectors(VECTOR) && (fromAddress | toAddress) % vectorBytes == 0) {
      box.toVectors(VECTOR);
      run(vectors, n / VECTOR, Grid.blocks(n / VECTOR, THREADS), box, fromAddress, toAddress);
    } else if (across >= 0) {
      box.moveBeforeLast(across);
      long tiles = tiles(box);
      run(transposed, tiles, Grid.blocks(tiles, 1), box, fromAddress, toAddress);
    } else {
      run(words, n, Grid.blocks(n, THREADS), box, fromAddress, toAddress);
    }
  }

  private static void run(
      LazyKernel kernel, long work, long blocks, MergedBox box, long source, long target) {
    kernel.with().arg(work).arg(box.axes()).struct(box.members()).arg(source).arg(target)
        .run(blocks, THREADS);
  }

  /** The axes by falling target strides, turned so that these are not negative. */
  private static void merge(
      MergedBox box, long[] sourceStrides, long[] targetStrides, long[] shape) {
    box.clear();
    long done = 0;
    for (int step = 0; step < shape.length; step++) {
      int next = -1;
      for (int k = 0; k < shape.length; k++) {
        boolean free = (done >> k & 1) == 0;
        if (free && (next < 0 || Math.abs(targetStrides[k]) > Math.abs(targetStrides[next]))) {
          next = k;
        }
      }
      done |= 1L << next;
      int sign = targetStrides[next] < 0 ? -1 : 1;
      box.add("copy", shape[next], sign * sourceStrides[next], sign * targetStrides[next]);
    }
  }

  /** The axis to be swapped with the last in tiles, or −1 where tiles do not help. */
  private static int acrossAxis(MergedBox box) {
    int last = box.axes() - 1;
    if (last < 1 || box.second(last) != 1 || box.length(last) < LEAST_SIDE) {
      return -1;
    }
    for (int k = last; k >= 0; k--) {
      if (box.first(k) == 1) {
        return k < last && box.length(k) >= LEAST_SIDE ? k : -1;
      }
    }
    return -1;
  }

  private static long tiles(MergedBox box) {
    int last = box.axes() - 1;
    long height = box.length(last - 1);
    long width = box.length(last);
    long planes = box.count() / (height * width);
    return planes * ((height + TILE - 1) / TILE) * ((width + TILE - 1) / TILE);
  }
}
