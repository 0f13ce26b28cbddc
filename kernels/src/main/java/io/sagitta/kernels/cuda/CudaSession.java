package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import io.sagitta.kernels.MemoryUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * One device in use: its context, one stream on which everything runs in order, its memory. Several
 * threads may use a session, and a thread several sessions. Sessions of one device share its
 * context and run side by side; one that times kernels does so {@linkplain Quiet in quiet}.
 */
final class CudaSession implements AutoCloseable {
  /** {@code exact}: see {@link CudaMemory}; anything else, or nothing: the arena. */
  static final String MEMORY_PROPERTY = "sagitta.cuda.memory";

  private final CudaDevice device;
  private final Quiet quiet;
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final KernelImages images;
  private final CudaMemory memory;
  private final CudaStaging staging;
  private final Map<String, CUmodule> modules = new ConcurrentHashMap<>();
  private final List<Launch> launches = new ArrayList<>();

  /** Whether {@link #requireUsable} would find something: one look on the way to a launch. */
  private volatile boolean restricted;

  private volatile boolean closed;
  private volatile CudaException loss;
  private volatile Thread capturing;
  private volatile boolean hushed;

  /**
   * @throws io.sagitta.kernels.DeviceException if there is no such device, with the reason
   */
  CudaSession(int ordinal) {
    device = CudaDevice.of(ordinal);
    quiet = Quiet.of(ordinal);
    images = new KernelImages(device.handle());
    Cuda.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device.handle()), "cuDevicePrimaryCtxRetain",
        ordinal);
    boolean done = false;
    try {
      attach();
      // Streams that block would wait for each other wherever a library uses the null stream.
      Cuda.check(
          JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
          "cuStreamCreate");
      memory =
          new CudaMemory(
              new CudaHeap(this), device.name(),
              "exact".equals(System.getProperty(MEMORY_PROPERTY)));
      staging = new CudaStaging(stream);
      quiet.join(this);
      done = true;
    } finally {
      if (!done) {
        Attachment.ofThread().leave(this);
        JCudaDriver.cuDevicePrimaryCtxRelease(device.handle());
      }
    }
  }

  /** The device. */
  CudaDevice device() {
    return device;
  }

  /**
   * Makes this device the calling thread's; waits while another session measures.
   *
   * @throws CudaException if it is lost
   * @throws IllegalStateException if the session is closed, or another thread captures a graph
   */
  void attach() {
    enter();
    if (restricted) {
      requireUsable();
    }
  }

  /** {@link #attach} without a look at the session's state, for giving things back. */
  void enter() {
    Attachment here = Attachment.ofThread();
    if (here.session() != this) {
      int result = JCudaDriver.cuCtxSetCurrent(context);
      here.moveTo(this);
      if (!restricted) {
        Cuda.check(result, "cuCtxSetCurrent");
      }
    }
  }

  /** {@link #attach} for a call that has no place in a graph. */
  void attachToWait(String call) {
    attach();
    if (capturing != null) {
      throw new IllegalStateException(
          device.name() + ": " + call + " while a graph is captured: it would not be part of the"
              + " graph; do it before or after");
    }
  }

  /** The calling thread's launch. */
  Launch launch() {
    Attachment here = Attachment.ofThread();
    if (restricted || here.session() != this) {
      attach();
    }
    Launch launch = here.launch();
    return launch == null ? newLaunch(here) : launch;
  }

  private Launch newLaunch(Attachment here) {
    synchronized (launches) {
      Launch made = null;
      for (Launch launch : launches) {
        made = launch.isOrphan() ? launch : made;
      }
      if (made == null) {
        made = new Launch(stream);
        launches.add(made);
      } else {
        made.own();
      }
      here.keep(made);
      return made;
    }
  }

  private void requireUsable() {
    while (hushed && capturing == null) {
      quiet.await();
    }
    if (closed) {
      throw new IllegalStateException(device.name() + ": used after its backend closed");
    }
    CudaException lost = loss;
    if (lost != null) {
      throw new CudaException(device.name(), lost);
    }
    Thread owner = capturing;
    if (owner != null && owner != Thread.currentThread()) {
      throw new IllegalStateException(
          device.name() + ": used by thread '" + Thread.currentThread().getName() + "' while '"
              + owner.getName() + "' captures a graph");
    }
  }

  /** Notes a failure after which the device answers nothing else. */
  void lost(CudaException failure) {
    if (loss == null) {
      loss = failure;
      restrict();
    }
  }

  private synchronized void restrict() {
    restricted = closed || hushed || loss != null || capturing != null;
  }

  boolean isLost() {
    return loss != null;
  }

  boolean isClosed() {
    return closed;
  }

  /** From now on only the calling thread may use the session, until {@link #endCapture}. */
  void beginCapture() {
    attachToWait("capture");
    quiet.between(
        () -> {
          // Nobody may ask this stream from now on whether it is idle, so it has to be.
          Cuda.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
          capturing = Thread.currentThread();
          restrict();
        });
  }

  /** Whether what is launched now is recorded for a graph and does not run yet. */
  boolean isCapturing() {
    return capturing != null;
  }

  void endCapture() {
    capturing = null;
    restrict();
  }

  /** Does work that times kernels while no other session of the device in this process runs any. */
  <T> T measure(Supplier<T> work) {
    attach();
    return quiet.measure(this, work);
  }

  /** Within {@link #measure}: waits for what other sessions may have launched at its beginning. */
  void settleOthers() {
    quiet.settle(this);
  }

  /** Another session begins, or ends, to measure. */
  void hush(boolean now) {
    hushed = now;
    restrict();
  }

  /** Waits for what this session has launched, from another's thread. */
  void settle() {
    if (capturing == null) {
      Cuda.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }
  }

  /** The kernel {@code name} of {@code file}.cu. */
  Kernel kernel(String file, String name) {
    attach();
    CUfunction function = new CUfunction();
    CUmodule module = modules.computeIfAbsent(file, images::load);
    Cuda.check(
        JCudaDriver.cuModuleGetFunction(function, module, name), "cuModuleGetFunction", name);
    return new Kernel(this, function, name);
  }

  /** Where its kernels come from. */
  KernelImages images() {
    return images;
  }

  CudaMemory memory() {
    return memory;
  }

  /** Bytes that nobody uses: what the driver has left and what the arena keeps for reuse. */
  long freeBytes() {
    MemoryUse use = memoryUse();
    long left = use.totalBytes() - use.usedBytes();
    return left + memory.reservedBytes() - memory.liveBytes();
  }

  /** What the driver has given out, to this process and others. */
  MemoryUse memoryUse() {
    attach();
    long[] free = new long[1];
    long[] total = new long[1];
    Cuda.check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    return new MemoryUse(total[0] - free[0], total[0]);
  }

  CudaStaging staging() {
    return staging;
  }

  CUstream stream() {
    return stream;
  }

  /**
   * Memory for the kernels that are launched next; it may be released as soon as they are launched.
   */
  CudaBuffer scratch(DType type, long elements) {
    return new CudaBuffer(memory, type, elements);
  }

  void synchronize() {
    attachToWait("synchronize");
    Cuda.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
  }

  /**
   * Waits for the kernels, then gives everything back. On a lost device there is nothing left to
   * wait for and nothing to free but the context itself, so that results say nothing.
   *
   * @throws CudaException if kernels failed that nobody has waited for; everything is given back
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    enter();
    CudaException late = isLost() ? null : waitForTheLast();
    quiet.leave(this);
    closed = true;
    restrict();
    synchronized (launches) {
      launches.forEach(Launch::free);
      launches.clear();
    }
    staging.close();
    memory.close();
    modules.values().forEach(JCudaDriver::cuModuleUnload);
    modules.clear();
    JCudaDriver.cuStreamDestroy(stream);
    Attachment.ofThread().leave(this);
    int released = JCudaDriver.cuDevicePrimaryCtxRelease(device.handle());
    if (late != null) {
      throw late;
    }
    if (!isLost()) {
      Cuda.check(released, "cuDevicePrimaryCtxRelease");
    }
  }

  /** The failure of kernels that nobody has waited for until now, or null. */
  private CudaException waitForTheLast() {
    try {
      Cuda.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
      return null;
    } catch (CudaException e) {
      lost(e);
      return e;
    }
  }
}
