package io.sagitta.kernels.cuda;

import io.sagitta.kernels.Conv2dGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * One convolution as cuDNN describes it, and the algorithms that may compute it: those that give
 * the same bits each time and add products of operands as they are. Winograd's and Fourier's are
 * left out, since their sums of transformed operands lose digits.
 */
final class CudnnPlan implements AutoCloseable {
  private static final long MOST_WORKSPACE_BYTES = 1L << 30;
  private static final int MOST_ALGORITHMS = 8;

  private static final Set<Integer> FORWARD =
      Set.of(
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM,
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_GEMM,
          cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_DIRECT);
  private static final Set<Integer> GRAD_INPUT =
      Set.of(
          cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_0,
          cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_1);
  private static final Set<Integer> GRAD_WEIGHT =
      Set.of(
          cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0,
          cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1,
          cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3);

  /** What is computed from which of the images x and y and the weights w. */
  enum Form {
    FORWARD,
    /** The forward form with bias, residual and rectifier. */
    FUSED,
    GRAD_INPUT,
    GRAD_WEIGHT
  }

  final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
  final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
  final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
  final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
  private final cudnnHandle handle;
  private final Form form;
  private final int math;
  private final List<Integer> algorithms = new ArrayList<>();
  private final long[] workspaceBytes = new long[MOST_ALGORITHMS];

  /**
   * @param tf32 whether operands are rounded to TF32; otherwise tensor cores are not used
   */
  CudnnPlan(cudnnHandle handle, Form form, Conv2dGeometry g, boolean tf32) {
    this.handle = handle;
    this.form = form;
    this.math = tf32 ? cudnnMathType.CUDNN_TENSOR_OP_MATH : cudnnMathType.CUDNN_FMA_MATH;
    if (!isDescribed(g)) {
      return;
    }
    // The search's answers name the mathematics it would take by default, TF32 for float, so ours
    // is set again behind it.
    find(tf32);
    setMath();
  }

  /** Whether cuDNN can say what it is: not of images with more than 2³¹ − 1 elements. */
  private boolean isDescribed(Conv2dGeometry g) {
    try {
      describe(g);
      return true;
    } catch (CudaException e) {
      if (Cudnn.isUnsupported(e.code())) {
        return false;
      }
      throw e;
    }
  }

  private void describe(Conv2dGeometry g) {
    Cudnn.check(JCudnn.cudnnCreateTensorDescriptor(x), "cudnnCreateTensorDescriptor");
    Cudnn.check(JCudnn.cudnnCreateTensorDescriptor(y), "cudnnCreateTensorDescriptor");
    Cudnn.check(JCudnn.cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor");
    Cudnn.check(
        JCudnn.cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
    Cudnn.setImages(x, g.batch(), g.inChannels(), g.height(), g.width());
    Cudnn.setImages(y, g.batch(), g.outChannels(), g.outHeight(), g.outWidth());
    Cudnn.check(
        JCudnn.cudnnSetFilter4dDescriptor(
            w, cudnnDataType.CUDNN_DATA_FLOAT, cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            g.outChannels(), g.groupInChannels(), g.kernelHeight(), g.kernelWidth()),
        "cudnnSetFilter4dDescriptor");
    Cudnn.check(
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution, g.padding(), g.padding(), g.stride(), g.stride(), 1, 1,
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, cudnnDataType.CUDNN_DATA_FLOAT),
        "cudnnSetConvolution2dDescriptor");
    Cudnn.check(
        JCudnn.cudnnSetConvolutionGroupCount(convolution, g.groups()),
        "cudnnSetConvolutionGroupCount");
    setMath();
  }

  private void setMath() {
    Cudnn.check(
        JCudnn.cudnnSetConvolutionMathType(convolution, math), "cudnnSetConvolutionMathType");
  }

  /** The algorithms that may be used, the one that cuDNN expects to be the fastest first. */
  List<Integer> algorithms() {
    return algorithms;
  }

  /** The memory that one of the algorithms needs. */
  long workspaceBytes(int algorithm) {
    if (!algorithms.contains(algorithm)) {
      throw new IllegalArgumentException(
          "cuDNN: expected one of the algorithms " + algorithms + " for " + form + ", got "
              + algorithm);
    }
    return workspaceBytes[algorithm];
  }

  /**
   * A search that fails may leave the number of its answers undefined, by which JCuda copies them
   * all the same: that there is no room for so many says that there are none.
   */
  private void find(boolean tf32) {
    try {
      switch (form) {
        case FORWARD -> findForward(tf32);
        case FUSED ->
            // The only one that takes both activations.
            add(cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM);
        case GRAD_INPUT -> findGradInput(tf32);
        case GRAD_WEIGHT -> findGradWeight(tf32);
        default -> throw new AssertionError(form);
      }
    } catch (ArrayIndexOutOfBoundsException e) {
      algorithms.clear();
    }
  }

  private void findForward(boolean tf32) {
    cudnnConvolutionFwdAlgoPerf[] answers = new cudnnConvolutionFwdAlgoPerf[MOST_ALGORITHMS];
    for (int i = 0; i < MOST_ALGORITHMS; i++) {
      answers[i] = new cudnnConvolutionFwdAlgoPerf();
    }
    int[] count = new int[1];
    int status =
        JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
            handle, x, w, convolution, y, MOST_ALGORITHMS, count, answers);
    for (int i = 0; i < answered(status, count); i++) {
      cudnnConvolutionFwdAlgoPerf a = answers[i];
      if (FORWARD.contains(a.algo) && usable(a.status, a.determinism, a.mathType, tf32)) {
        add(a.algo);
      }
    }
  }

  private void findGradInput(boolean tf32) {
    cudnnConvolutionBwdDataAlgoPerf[] answers =
        new cudnnConvolutionBwdDataAlgoPerf[MOST_ALGORITHMS];
    for (int i = 0; i < MOST_ALGORITHMS; i++) {
      answers[i] = new cudnnConvolutionBwdDataAlgoPerf();
    }
    int[] count = new int[1];
    int status =
        JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
            handle, w, y, convolution, x, MOST_ALGORITHMS, count, answers);
    for (int i = 0; i < answered(status, count); i++) {
      cudnnConvolutionBwdDataAlgoPerf a = answers[i];
      if (GRAD_INPUT.contains(a.algo) && usable(a.status, a.determinism, a.mathType, tf32)) {
        add(a.algo);
      }
    }
  }

  private void findGradWeight(boolean tf32) {
    cudnnConvolutionBwdFilterAlgoPerf[] answers =
        new cudnnConvolutionBwdFilterAlgoPerf[MOST_ALGORITHMS];
    for (int i = 0; i < MOST_ALGORITHMS; i++) {
      answers[i] = new cudnnConvolutionBwdFilterAlgoPerf();
    }
    int[] count = new int[1];
    int status =
        JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
            handle, x, y, convolution, w, MOST_ALGORITHMS, count, answers);
    for (int i = 0; i < answered(status, count); i++) {
      cudnnConvolutionBwdFilterAlgoPerf a = answers[i];
      if (GRAD_WEIGHT.contains(a.algo) && usable(a.status, a.determinism, a.mathType, tf32)) {
        add(a.algo);
      }
    }
  }

  /** A geometry that cuDNN does not know has no algorithms; anything else is a failure. */
  private static int answered(int status, int[] count) {
    if (Cudnn.isUnsupported(status)) {
      return 0;
    }
    Cudnn.check(status, "cudnnGetConvolution*Algorithm_v7");
    return count[0];
  }

  private static boolean usable(int status, int determinism, int mathType, boolean tf32) {
    boolean tensorCores =
        mathType == cudnnMathType.CUDNN_TENSOR_OP_MATH
            || mathType == cudnnMathType.CUDNN_TENSOR_OP_MATH_ALLOW_CONVERSION;
    return status == 0
        && determinism == cudnnDeterminism.CUDNN_DETERMINISTIC
        && (tf32 || !tensorCores);
  }

  /** Adds an algorithm unless it is there, does not fit this geometry or wants too much memory. */
  private void add(int number) {
    long[] bytes = new long[1];
    int status =
        switch (form) {
          case FORWARD, FUSED ->
              JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
                  handle, x, w, convolution, y, number, bytes);
          case GRAD_INPUT ->
              JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
                  handle, w, y, convolution, x, number, bytes);
          case GRAD_WEIGHT ->
              JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
                  handle, x, y, convolution, w, number, bytes);
        };
    if (status == 0 && bytes[0] <= MOST_WORKSPACE_BYTES && !algorithms.contains(number)) {
      algorithms.add(number);
      workspaceBytes[number] = bytes[0];
    }
  }

  @Override
  public void close() {
    Cudnn.check(JCudnn.cudnnDestroyTensorDescriptor(x), "cudnnDestroyTensorDescriptor");
    Cudnn.check(JCudnn.cudnnDestroyTensorDescriptor(y), "cudnnDestroyTensorDescriptor");
    Cudnn.check(JCudnn.cudnnDestroyFilterDescriptor(w), "cudnnDestroyFilterDescriptor");
    Cudnn.check(
        JCudnn.cudnnDestroyConvolutionDescriptor(convolution),
        "cudnnDestroyConvolutionDescriptor");
  }
}
