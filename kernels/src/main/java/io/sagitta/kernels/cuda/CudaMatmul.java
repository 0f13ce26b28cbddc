package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.Precision;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Launches matmul.cu. */
final class CudaMatmul {
  private static final String FILE = "matmul";

  /** Kernels by transposes, then the one for odd sizes. */
  private static final String[] VARIANTS = {"nn", "nt", "tn", "tt", "scalar"};

  private static final int SCALAR = 4;

  /** Of the sums over parts, which are bound by bandwidth. */
  private static final int SUM_THREADS = 256;

  private final CudaSession session;
  private final int multiprocessors;
  private final AtomicReferenceArray<ProductKernel> kernels =
      new AtomicReferenceArray<>(VARIANTS.length * Precision.values().length);
  private volatile Kernel sum;

  CudaMatmul(CudaSession session) {
    this.session = session;
    this.multiprocessors = session.device().multiprocessors();
  }

  void matmul(
      Precision precision, CudaBuffer a, boolean transposeA, CudaBuffer b, boolean transposeB,
      CudaBuffer c, int batch, int m, int n, int k) {
    long results = (long) batch * m * n;
    if (results == 0) {
      return;
    }
    if (k == 0) {
      sum(results, 0, null, c);
      return;
    }
    ProductKernel kernel = kernel(precision, a, transposeA, b, transposeB, m, n, k);
    long blocks = kernel.tile().blocks(batch, m, n);
    int parts = ProductKernel.parts(blocks, ProductKernel.BLOCKS * multiprocessors, k, results);
    if (parts == 1) {
      launch(kernel, batch, m, n, k, 1, transposeA, transposeB, a, b, c);
      return;
    }
    CudaBuffer scratch = session.scratch(DType.F32, parts * results);
    try {
      launch(kernel, batch, m, n, k, parts, transposeA, transposeB, a, b, scratch);
      sum(results, parts, scratch, c);
    } finally {
      scratch.release();
    }
  }

  private void launch(
      ProductKernel kernel, int batch, int m, int n, int k, int parts, boolean transposeA,
      boolean transposeB, CudaBuffer a, CudaBuffer b, CudaBuffer c) {
    kernel
        .kernel()
        .with()
        .arg(batch)
        .arg(m)
        .arg(n)
        .arg(k)
        .arg(parts)
        .arg(transposeA ? 1 : 0)
        .arg(transposeB ? 1 : 0)
        .arg(ProductKernel.paired(c, n))
        .arg(a)
        .arg(b)
        .arg(c)
        .run(
            kernel.tile().blocks((long) batch * parts, m, n), 1, 1, kernel.threads(),
            kernel.sharedBytes());
  }

  private void sum(long results, int parts, CudaBuffer scratch, CudaBuffer c) {
    Kernel kernel = sum;
    if (kernel == null) {
      kernel = session.kernel(FILE, "matmul_sum_f32");
      sum = kernel;
    }
    kernel
        .with()
        .arg(results)
        .arg(parts)
        .arg(scratch)
        .arg(c)
        .run(Math.min((results - 1) / SUM_THREADS + 1, 16L * multiprocessors), SUM_THREADS);
  }

  private ProductKernel kernel(
      Precision precision, CudaBuffer a, boolean transposeA, CudaBuffer b, boolean transposeB,
      int m, int n, int k) {
    int rowOfA = transposeA ? m : k;
    int rowOfB = transposeB ? k : n;
    boolean aligned =
        rowOfA % 4 == 0 && rowOfB % 4 == 0
            && ProductKernel.isAligned(a) && ProductKernel.isAligned(b);
    boolean small = m <= ProductTile.SCALAR.rows() && n <= ProductTile.SCALAR.columns();
    int variant = aligned && !small ? (transposeA ? 2 : 0) + (transposeB ? 1 : 0) : SCALAR;
    int index = precision.ordinal() * VARIANTS.length + variant;
    ProductKernel kernel = kernels.get(index);
    if (kernel == null) {
      ProductTile tile = variant == SCALAR ? ProductTile.SCALAR : ProductTile.SQUARE;
      kernel = ProductKernel.load(session, FILE, VARIANTS[variant], tile, precision);
      kernels.set(index, kernel);
    }
    return kernel;
  }
}
