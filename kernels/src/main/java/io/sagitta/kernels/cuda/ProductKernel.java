package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Precision;
import java.util.Locale;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A kernel made of product.cuh, with the block it wants. */
record ProductKernel(Kernel kernel, ProductTile tile, int threads, int sharedBytes) {
  /** Blocks that a multiprocessor has room for, where tiles are of floats. */
  static final int BLOCKS = 2;

  /** Terms in a tile and tiles of an operand, as in product.cuh. */
  private static final int DEPTH = 32;

  private static final int STAGES = 3;

  /** Elements between the terms of a tile that is stored by terms. */
  private static final int GAP = 8;

  /** Bytes of a row's corner in image.cuh. */
  private static final int CORNER_BYTES = 8;

  /** The fewest terms of a part, so that filling the pipeline does not count. */
  private static final int LEAST_TERMS = 256;

  /** The most terms that are added one to another: beyond, rounding errors would show. */
  private static final int MOST_TERMS = 1 << 14;

  /** The most elements of all parts' results, 256 MiB. */
  private static final long MOST_RESULTS = 1L << 26;

  static ProductKernel load(
      CudaSession session, String file, String variant, ProductTile tile, Precision precision) {
    return load(session, file, variant, tile, precision, false, 0);
  }

  /**
   * @param inPairs whether a term's lines are stored two to a word
   * @param moreBytes shared memory that a launch may ask for beside {@link #sharedBytes}
   */
  static ProductKernel load(
      CudaSession session, String file, String variant, ProductTile tile, Precision precision,
      boolean inPairs, int moreBytes) {
    int lines = tile.rows() + tile.columns() + 2 * GAP;
    int words = inPairs ? lines / 2 : lines;
    int bytes = STAGES * DEPTH * words * Float.BYTES + tile.rows() * CORNER_BYTES;
    return load(session, file, variant, tile, precision, bytes, moreBytes);
  }

  /** A product of bf16 by warpgroups, whose tiles have no gaps: see warpgroup_sums.cuh. */
  static ProductKernel ofWarpgroup(
      CudaSession session, String file, ProductTile tile, Precision precision) {
    int bytes = STAGES * DEPTH * (tile.rows() + tile.columns()) * Float.BYTES;
    return load(session, file, tile.label(), tile, precision, bytes, 0);
  }

  private static ProductKernel load(
      CudaSession session, String file, String variant, ProductTile tile, Precision precision,
      int bytes, int moreBytes) {
    String name = file + "_" + variant + "_" + precision.name().toLowerCase(Locale.ROOT);
    Kernel kernel = session.kernel(file, name);
    Cuda.check(
        JCudaDriver.cuFuncSetAttribute(
            kernel.function(),
            CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            bytes + moreBytes),
        "cuFuncSetAttribute", name, "shared " + (bytes + moreBytes) + " bytes");
    return new ProductKernel(kernel, tile, tile.threads(precision), bytes);
  }

  /**
   * Into how many parts to cut the terms of a product, so that its blocks fill the device once or
   * twice, as evenly as they can, and no part is too short or too long.
   *
   * @param blocks blocks of an uncut product
   * @param room how many run at a time
   * @param results elements of its result
   */
  static int parts(long blocks, int room, long terms, long results) {
    long wanted = Math.min(evenly(blocks, room), terms / LEAST_TERMS);
    long needed = (terms - 1) / MOST_TERMS + 1;
    long possible = Math.max(1, MOST_RESULTS / results);
    return (int) Math.max(1, Math.min(Math.max(wanted, needed), possible));
  }

  /** As many parts as run in one turn, or in two where each is then less than half as long. */
  private static long evenly(long blocks, int room) {
    long once = room / blocks;
    long twice = 2L * room / blocks;
    return twice > 2 * once ? twice : once;
  }

  /** Whether 16-byte copies may begin at the buffer. */
  static boolean isAligned(CudaBuffer buffer) {
    return buffer.address().value() % 16 == 0;
  }

  /** Whether pairs of neighbours in rows of {@code width} may be accessed at once. */
  static int paired(CudaBuffer buffer, int width) {
    return width % 2 == 0 && buffer.address().value() % (2L * buffer.type().bytes()) == 0 ? 1 : 0;
  }
}
