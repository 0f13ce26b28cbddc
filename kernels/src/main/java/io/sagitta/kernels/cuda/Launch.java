package io.sagitta.kernels.cuda;

import java.lang.ref.WeakReference;
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
  static final int MOST_ARGUMENTS = 64;

  /** As much as the driver takes on every architecture. */
  static final int VALUE_BYTES = 4096;

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
  private WeakReference<Thread> owner;
  private Kernel kernel;
  private int count;
  private int end;
  private long gridX;
  private long gridY;
  private long gridZ;
  private int threads;

  /** A launch of the calling thread, to which the stream's context is current. */
  Launch(CUstream stream) {
    this.stream = stream;
    int bytes = MOST_ARGUMENTS * Long.BYTES + VALUE_BYTES;
    Cuda.check(JCudaDriver.cuMemAllocHost(place, bytes), "cuMemAllocHost", bytes);
    this.block = place.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    this.base = place.address();
    own();
  }

  /** Makes this the calling thread's. */
  void own() {
    owner = new WeakReference<>(Thread.currentThread());
  }

  /** Whether the thread it was made for has ended, so that another may have it. */
  boolean isOrphan() {
    Thread thread = owner.get();
    return thread == null || !thread.isAlive();
  }

  Launch begin(Kernel next) {
    kernel = next;
    count = 0;
    end = MOST_ARGUMENTS * Long.BYTES;
    threads = 0;
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
    if (count == MOST_ARGUMENTS || at + bytes > MOST_ARGUMENTS * Long.BYTES + VALUE_BYTES) {
      throw new IllegalArgumentException(
          "kernel " + kernel.name() + ": expected at most " + MOST_ARGUMENTS + " arguments of "
              + VALUE_BYTES + " bytes in all, got another of " + bytes + " bytes after " + count);
    }
    block.putLong(count * Long.BYTES, base + at);
    count++;
    end = at + bytes;
    return at;
  }

  /** Runs a grid of {@code blocks} blocks of {@code threads} threads. */
  void run(long blocks, int blockThreads) {
    run(blocks, 1, 1, blockThreads, 0);
  }

  /** Runs a three-dimensional grid, each block with {@code sharedBytes} of dynamic memory. */
  void run(long x, long y, long z, int blockThreads, int sharedBytes) {
    gridX = x;
    gridY = y;
    gridZ = z;
    threads = blockThreads;
    int result =
        JCudaDriver.cuLaunchKernel(
            kernel.function(), extent(x), extent(y), extent(z), blockThreads, 1, 1, sharedBytes,
            stream, place, null);
    if (result != 0) {
      Cuda.check(
          result, "cuLaunchKernel", kernel.name(), "shared " + sharedBytes + " bytes",
          count + " arguments");
    }
  }

  private int extent(long blocks) {
    if (blocks < 1 || blocks > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "kernel " + kernel.name() + ": expected 1 to 2^31 - 1 blocks along an axis, got grid "
              + grid());
    }
    return (int) blocks;
  }

  /** Whether {@link #kernelName}, {@link #grid} and {@link #block} speak of a launch. */
  boolean hasRun() {
    return kernel != null && threads > 0;
  }

  /** The kernel launched last. */
  String kernelName() {
    return kernel.name();
  }

  /** The blocks launched last. */
  String grid() {
    return gridX + "x" + gridY + "x" + gridZ;
  }

  /** The threads of a block launched last. */
  String block() {
    return threads + "x1x1";
  }

  /** Gives the host memory back, which may fail only where the device is lost. */
  int free() {
    return JCudaDriver.cuMemFreeHost(place);
  }
}
