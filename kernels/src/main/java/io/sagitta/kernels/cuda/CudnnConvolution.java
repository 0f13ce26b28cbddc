package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.DType;
import io.sagitta.kernels.Scope;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;

/**
 * Convolutions by cuDNN 9, in FP32 and TF32. Images are NHWC here and there; weights are turned
 * from our [out, in, rows, columns] to its [out, rows, columns, in] for each call, and gradients of
 * weights back, in scratch memory.
 */
final class CudnnConvolution implements AutoCloseable {
  private final CudaSession session;
  private final CudaCopy copy;
  private final cudnnHandle handle = new cudnnHandle();
  private final cudnnActivationDescriptor rectifier = new cudnnActivationDescriptor();
  private final cudnnActivationDescriptor identity = new cudnnActivationDescriptor();
  private final cudnnTensorDescriptor biasShape = new cudnnTensorDescriptor();
  private final Pointer one = CublasMatmul.scalar(1);
  private final Pointer zero = CublasMatmul.scalar(0);
  private final Map<CudnnPlan.Form, Map<Conv2dGeometry, CudnnPlan>> fp32 =
      new EnumMap<>(CudnnPlan.Form.class);
  private final Map<CudnnPlan.Form, Map<Conv2dGeometry, CudnnPlan>> tf32 =
      new EnumMap<>(CudnnPlan.Form.class);

  /**
   * Needs {@link CudaLibraries.Kind#CUDNN} to be usable.
   *
   * @throws CudaException if cuDNN refuses the device
   */
  CudnnConvolution(CudaSession session) {
    this.session = session;
    this.copy = new CudaCopy(session);
    session.attach();
    Cudnn.check(JCudnn.cudnnCreate(handle), "cudnnCreate");
    Cudnn.check(
        JCudnn.cudnnSetStream(handle, new cudaStream_t(session.stream())), "cudnnSetStream");
    Cudnn.check(JCudnn.cudnnCreateTensorDescriptor(biasShape), "cudnnCreateTensorDescriptor");
    activation(rectifier, cudnnActivationMode.CUDNN_ACTIVATION_RELU);
    activation(identity, cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY);
    for (CudnnPlan.Form form : CudnnPlan.Form.values()) {
      fp32.put(form, new HashMap<>());
      tf32.put(form, new HashMap<>());
    }
  }

  private static void activation(cudnnActivationDescriptor made, int mode) {
    Cudnn.check(
        JCudnn.cudnnCreateActivationDescriptor(made), "cudnnCreateActivationDescriptor");
    Cudnn.check(
        JCudnn.cudnnSetActivationDescriptor(
            made, mode, cudnnNanPropagation.CUDNN_PROPAGATE_NAN, 0),
        "cudnnSetActivationDescriptor");
  }

  /** As {@code cudnnGetVersion} numbers it, such as 90600. */
  static long version() {
    return JCudnn.cudnnGetVersion();
  }

  /** The algorithms for a convolution, the expected fastest first; none if it is unsupported. */
  synchronized List<Integer> algorithms(
      CudnnPlan.Form form, boolean useTf32, Conv2dGeometry g) {
    session.attach();
    return plan(form, useTf32, g).algorithms();
  }

  private CudnnPlan plan(CudnnPlan.Form form, boolean useTf32, Conv2dGeometry g) {
    Map<Conv2dGeometry, CudnnPlan> plans = (useTf32 ? tf32 : fp32).get(form);
    CudnnPlan plan = plans.get(g);
    if (plan == null) {
      plan = new CudnnPlan(handle, form, g, useTf32);
      plans.put(g, plan);
    }
    return plan;
  }

  /**
   * Computes y from x and w, x from y and w, or w from x and y, as the form says.
   *
   * @param algorithm one of {@link #algorithms}
   */
  synchronized void run(
      CudnnPlan.Form form, boolean useTf32, Conv2dGeometry g, int algorithm, CudaBuffer x,
      CudaBuffer w, CudaBuffer y) {
    session.attach();
    CudnnPlan plan = plan(form, useTf32, g);
    try (Scope scratch = Scope.detached()) {
      CudaBuffer weights = scratch.add(weightsFor(g, w));
      CudaBuffer workspace = scratch.add(workspace(plan, algorithm));
      if (form == CudnnPlan.Form.GRAD_WEIGHT) {
        call(form, plan, algorithm, x, weights, y, workspace.address());
        turn(g, w, weights, false);
      } else {
        turn(g, w, weights, true);
        call(form, plan, algorithm, x, weights, y, workspace.address());
      }
    }
  }

  private void call(
      CudnnPlan.Form form, CudnnPlan plan, int algorithm, CudaBuffer x, CudaBuffer w, CudaBuffer y,
      Pointer workspace) {
    long bytes = plan.workspaceBytes(algorithm);
    switch (form) {
      case FORWARD ->
          Cudnn.check(
              JCudnn.cudnnConvolutionForward(
                  handle, one, plan.x, x.address(), plan.w, w.address(), plan.convolution,
                  algorithm, workspace, bytes, zero, plan.y, y.address()),
              "cudnnConvolutionForward");
      case GRAD_INPUT ->
          Cudnn.check(
              JCudnn.cudnnConvolutionBackwardData(
                  handle, one, plan.w, w.address(), plan.y, y.address(), plan.convolution,
                  algorithm, workspace, bytes, zero, plan.x, x.address()),
              "cudnnConvolutionBackwardData");
      case GRAD_WEIGHT ->
          Cudnn.check(
              JCudnn.cudnnConvolutionBackwardFilter(
                  handle, one, plan.x, x.address(), plan.y, y.address(), plan.convolution,
                  algorithm, workspace, bytes, zero, plan.w, w.address()),
              "cudnnConvolutionBackwardFilter");
      default -> throw new IllegalArgumentException("cuDNN: " + form + " needs a bias");
    }
  }

  /** y = act(x ⋆ w + bias + residual); see {@link io.sagitta.kernels.Backend#conv2dBiasAct}. */
  synchronized void runFused(
      boolean useTf32, Conv2dGeometry g, int algorithm, CudaBuffer x, CudaBuffer w,
      CudaBuffer bias, CudaBuffer residual, boolean relu, CudaBuffer y) {
    session.attach();
    CudnnPlan plan = plan(CudnnPlan.Form.FUSED, useTf32, g);
    CudaBuffer added = residual == null ? y : residual;
    try (Scope scratch = Scope.detached()) {
      CudaBuffer weights = scratch.add(weightsFor(g, w));
      CudaBuffer workspace = scratch.add(workspace(plan, algorithm));
      turn(g, w, weights, true);
      Cudnn.setImages(biasShape, 1, g.outChannels(), 1, 1);
      Cudnn.check(
          JCudnn.cudnnConvolutionBiasActivationForward(
              handle, one, plan.x, x.address(), plan.w, weights.address(), plan.convolution,
              algorithm, workspace.address(), plan.workspaceBytes(algorithm),
              residual == null ? zero : one, plan.y, added.address(), biasShape, bias.address(),
              relu ? rectifier : identity, plan.y, y.address()),
          "cudnnConvolutionBiasActivationForward");
    }
  }

  /** One element at least, since a null pointer is not for everyone between here and cuDNN. */
  private CudaBuffer workspace(CudnnPlan plan, int algorithm) {
    long elements = (plan.workspaceBytes(algorithm) + Float.BYTES - 1) / Float.BYTES;
    return session.scratch(DType.F32, Math.max(1, elements));
  }

  /** Memory for weights in cuDNN's order: the weights themselves where the orders are one. */
  private CudaBuffer weightsFor(Conv2dGeometry g, CudaBuffer w) {
    boolean same = g.groupInChannels() == 1 || g.kernelHeight() * g.kernelWidth() == 1;
    if (same) {
      w.retain();
      return w;
    }
    return session.scratch(DType.F32, g.weightElements());
  }

  /** Copies weights from our order to cuDNN's, or back. */
  private void turn(Conv2dGeometry g, CudaBuffer ours, CudaBuffer theirs, boolean there) {
    if (ours == theirs) {
      return;
    }
    long in = g.groupInChannels();
    long columns = g.kernelWidth();
    long pixels = g.kernelHeight() * columns;
    long[] shape = {g.outChannels(), g.kernelHeight(), columns, in};
    long[] ourStrides = {in * pixels, columns, 1, pixels};
    long[] theirStrides = {in * pixels, columns * in, in, 1};
    if (there) {
      copy.copy(ours, 0, ourStrides, theirs, 0, theirStrides, shape);
    } else {
      copy.copy(theirs, 0, theirStrides, ours, 0, ourStrides, shape);
    }
  }

  @Override
  public void close() {
    session.attach();
    fp32.values().forEach(plans -> plans.values().forEach(CudnnPlan::close));
    tf32.values().forEach(plans -> plans.values().forEach(CudnnPlan::close));
    Cudnn.check(
        JCudnn.cudnnDestroyActivationDescriptor(rectifier), "cudnnDestroyActivationDescriptor");
    Cudnn.check(
        JCudnn.cudnnDestroyActivationDescriptor(identity), "cudnnDestroyActivationDescriptor");
    Cudnn.check(
        JCudnn.cudnnDestroyTensorDescriptor(biasShape), "cudnnDestroyTensorDescriptor");
    Cudnn.check(JCudnn.cudnnDestroy(handle), "cudnnDestroy");
  }
}
