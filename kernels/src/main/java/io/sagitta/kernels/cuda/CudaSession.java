package io.sagitta.kernels.cuda;

import io.sagitta.kernels.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** One device in use: its context, one stream on which everything runs in order, its memory. */
final class CudaSession implements AutoCloseable {
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final KernelImages images;
  private final CudaMemory memory;
  private final Map<String, CUmodule> modules = new ConcurrentHashMap<>();
  private final List<Launch> launches = new ArrayList<>();
  private final ThreadLocal<Launch> launch = ThreadLocal.withInitial(this::newLaunch);

  CudaSession(int ordinal) {
    CudaDriver.load();
    Cuda.check(JCudaDriver.cuInit(0), "cuInit");
    Cuda.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet", ordinal);
    images = new KernelImages(device);
    Cuda.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", ordinal);
    attach();
    Cuda.check(JCudaDriver.cuStreamCreate(stream, 0), "cuStreamCreate");
    memory = new CudaMemory();
  }

  /** Makes this device the calling thread's. */
  void attach() {
    Cuda.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
  }

  /** The calling thread's launch. */
  Launch launch() {
    return launch.get();
  }

  private Launch newLaunch() {
    attach();
    Launch made = new Launch(stream);
    synchronized (launches) {
      launches.add(made);
    }
    return made;
  }

  /** The kernel {@code name} of {@code file}.cu. */
  Kernel kernel(String file, String name) {
    CUfunction function = new CUfunction();
    CUmodule module = modules.computeIfAbsent(file, images::load);
    Cuda.check(
        JCudaDriver.cuModuleGetFunction(function, module, name), "cuModuleGetFunction", name);
    return new Kernel(this, function, name);
  }

  CudaMemory memory() {
    return memory;
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
    attach();
    Cuda.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
  }

  @Override
  public void close() {
    synchronize();
    synchronized (launches) {
      launches.forEach(Launch::free);
      launches.clear();
    }
    memory.close();
    Cuda.check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
    modules.values().forEach(m -> Cuda.check(JCudaDriver.cuModuleUnload(m), "cuModuleUnload"));
    Cuda.check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
  }
}
