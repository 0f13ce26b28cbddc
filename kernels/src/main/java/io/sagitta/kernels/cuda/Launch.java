package io.sagitta.kernels.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * The arguments of the launch that a thread prepares, in one block of host memory that is used over
 * and over: a list of addresses, as the driver wants it, and the values they point to. Preparing a
 * launch makes no garbage.
 *
 * <pre>{@code
 * affine.with().arg(n).arg(x).arg(y).arg(scale).arg(shift).run(blocks, THREADS);
 * }</pre>
 */
final class Launch {
  private static final int MOST_ARGUMENTS = 64;
  private static final int VALUE_BYTES = 4096;

  /** Host memory at a known address. */
  private static final class Place extends Pointer {
    Place() {}

    long address() {
      return getNativePointer();
    }
  }

  private final CUstream stream;
  private final Place place = new Place();
  private final ByteBuffer block;
  private final long base;
  private Kernel kernel;
  private int count;
  private int end;

  Launch(CUstream stream) {
    this.stream = stream;
    int bytes = MOST_ARGUMENTS * Long.BYTES + VALUE_BYTES;
    Cuda.check(JCudaDriver.cuMemAllocHost(place, bytes), "cuMemAllocHost", bytes);
    this.block = place.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    this.base = place.address();
  }

  Launch begin(Kernel next) {
    kernel = next;
    count = 0;
    end = MOST_ARGUMENTS * Long.BYTES;
    return this;
  }

  /** A {@code int} argument. */
  Launch arg(int value) {
    block.putInt(next(Integer.BYTES), value);
    return this;
  }

  /** A {@code long long} argument. */
  Launch arg(long value) {
    block.putLong(next(Long.BYTES), value);
    return this;
  }

  /** A {@code float} argument. */
  Launch arg(float value) {
    block.putFloat(next(Float.BYTES), value);
    return this;
  }

  /** A {@code double} argument. */
  Launch arg(double value) {
    block.putDouble(next(Double.BYTES), value);
    return this;
  }

  /** A pointer argument; null is a null pointer. */
  Launch arg(CudaBuffer buffer) {
    return arg(buffer == null ? 0L : buffer.address().value());
  }

  /** A struct argument of {@code long long} members. */
  Launch struct(long... members) {
    int at = next(members.length * Long.BYTES);
    for (int i = 0; i < members.length; i++) {
      block.putLong(at + i * Long.BYTES, members[i]);
    }
    return this;
  }

  /** A struct argument of {@code int} members. */
  Launch struct(int... members) {
    int at = next(members.length * Integer.BYTES);
    for (int i = 0; i < members.length; i++) {
      block.putInt(at + i * Integer.BYTES, members[i]);
    }
    return this;
  }

  /** Makes room for an argument and notes its address. */
  private int next(int bytes) {
    int at = (end + Long.BYTES - 1) & -Long.BYTES;
    block.putLong(count * Long.BYTES, base + at);
    count++;
    end = at + bytes;
    return at;
  }

  /** Runs a grid of {@code blocks} blocks of {@code threads} threads. */
  void run(long blocks, int threads) {
    run(blocks, 1, 1, threads, 0);
  }

  /** Runs a three-dimensional grid, each block with {@code sharedBytes} of dynamic memory. */
  void run(long gridX, long gridY, long gridZ, int threads, int sharedBytes) {
    int result =
        JCudaDriver.cuLaunchKernel(
            kernel.function(), Math.toIntExact(gridX), Math.toIntExact(gridY),
            Math.toIntExact(gridZ), threads, 1, 1, sharedBytes, stream, place, null);
    if (result != 0) {
      Cuda.check(
          result, "cuLaunchKernel", kernel.name(), "grid " + gridX + "x" + gridY + "x" + gridZ,
          "block " + threads, "shared " + sharedBytes + " bytes");
    }
  }

  void free() {
    Cuda.check(JCudaDriver.cuMemFreeHost(place), "cuMemFreeHost");
  }
}
