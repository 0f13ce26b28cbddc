package io.sagitta.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasAtomicsMode;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Matrix products by cuBLAS, in FP32 and TF32. cuBLAS takes matrices by columns; a row-major matrix
 * is its transpose by columns, so c = a·b is asked for as cᵀ = bᵀ·aᵀ and nothing is copied. Atomics
 * are not allowed, and the workspace is one of our own: the same call gives the same bits.
 */
final class CublasMatmul implements AutoCloseable {
  /** What NVIDIA recommends for Hopper, where its own is chosen by the same rule. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  private final CudaSession session;
  private final cublasHandle handle = new cublasHandle();
  private final Address workspace = new Address();
  private final Pointer one;
  private final Pointer zero;
  private final int version;
  private int math = cublasMath.CUBLAS_DEFAULT_MATH;

  /**
   * Needs {@link CudaLibraries.Kind#CUBLAS} to be usable.
   *
   * @throws CudaException if cuBLAS refuses the device
   */
  CublasMatmul(CudaSession session) {
    this.session = session;
    session.attach();
    check(JCublas2.cublasCreate(handle), "cublasCreate");
    Cuda.check(JCudaDriver.cuMemAlloc(workspace, WORKSPACE_BYTES), "cuMemAlloc", WORKSPACE_BYTES);
    check(
        JCublas2.cublasSetStream(handle, new cudaStream_t(session.stream())), "cublasSetStream");
    check(
        JCublas2.cublasSetWorkspace(handle, workspace, WORKSPACE_BYTES), "cublasSetWorkspace");
    check(
        JCublas2.cublasSetAtomicsMode(handle, cublasAtomicsMode.CUBLAS_ATOMICS_NOT_ALLOWED),
        "cublasSetAtomicsMode");
    check(
        JCublas2.cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_HOST),
        "cublasSetPointerMode");
    check(JCublas2.cublasSetMathMode(handle, math), "cublasSetMathMode");
    int[] number = new int[1];
    check(JCublas2.cublasGetVersion(handle, number), "cublasGetVersion");
    version = number[0];
    one = scalar(1);
    zero = scalar(0);
  }

  /** A number outside the Java heap, so that no call holds the garbage collector up. */
  static Pointer scalar(float value) {
    ByteBuffer number = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
    number.putFloat(0, value);
    return Pointer.to(number);
  }

  /** As {@code cublasGetVersion} numbers it, such as 120603. */
  int version() {
    return version;
  }

  /**
   * See {@link io.sagitta.kernels.Backend#matmul}; every size is at least one.
   *
   * @param tf32 whether operands are rounded to TF32; otherwise FP32
   */
  synchronized void matmul(
      boolean tf32, CudaBuffer a, boolean transposeA, CudaBuffer b, boolean transposeB,
      CudaBuffer c, int batch, int m, int n, int k) {
    session.attach();
    use(tf32);
    int operationA =
        transposeA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    int operationB =
        transposeB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
    int strideA = transposeA ? m : k;
    int strideB = transposeB ? k : n;
    check(
        batch == 1
            ? JCublas2.cublasSgemm(
                handle, operationB, operationA, n, m, k, one, b.address(), strideB, a.address(),
                strideA, zero, c.address(), n)
            : JCublas2.cublasSgemmStridedBatched(
                handle, operationB, operationA, n, m, k, one, b.address(), strideB, (long) k * n,
                a.address(), strideA, (long) m * k, zero, c.address(), n, (long) m * n, batch),
        "cublasSgemm");
  }

  private void use(boolean tf32) {
    int wanted = tf32 ? cublasMath.CUBLAS_TF32_TENSOR_OP_MATH : cublasMath.CUBLAS_DEFAULT_MATH;
    if (wanted != math) {
      check(JCublas2.cublasSetMathMode(handle, wanted), "cublasSetMathMode");
      math = wanted;
    }
  }

  private static void check(int status, String call) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw Cuda.libraryFailure(call, status, cublasStatus.stringFor(status));
    }
  }

  @Override
  public void close() {
    session.attach();
    check(JCublas2.cublasDestroy(handle), "cublasDestroy");
    Cuda.check(JCudaDriver.cuMemFree(workspace), "cuMemFree", WORKSPACE_BYTES);
  }
}
