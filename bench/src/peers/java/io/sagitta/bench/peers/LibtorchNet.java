package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** A residual network for 32×32 images in libtorch: a 3×3 stem, then stages of basic blocks. */
final class LibtorchNet {
  /** Convolution and batch normalisation. */
  private final class ConvBn {
    private final Tensor weight;
    private final Tensor gamma;
    private final Tensor beta;
    private final Tensor mean;
    private final Tensor variance;
    private final int kernel;
    private final int stride;

    ConvBn(int in, int out, int kernel, int stride) {
      double deviation = Math.sqrt(2.0 / (in * kernel * kernel));
      Tensor random = randn(out, in, kernel, kernel).mul(new Scalar(deviation));
      this.weight = parameter(random.contiguous(layout));
      this.gamma = parameter(ones(out));
      this.beta = parameter(zeros(out));
      this.mean = zeros(out);
      this.variance = ones(out);
      this.kernel = kernel;
      this.stride = stride;
    }

    Tensor forward(Tensor x) {
      long[] strides = {stride, stride};
      long[] padding = {kernel / 2, kernel / 2};
      Tensor y = conv2d(x, weight, new TensorOptional(), strides, padding, new long[] {1, 1}, 1);
      return batch_norm(
          y, new TensorOptional(gamma), new TensorOptional(beta), new TensorOptional(mean),
          new TensorOptional(variance), training, 0.1, 1e-5, false);
    }
  }

  /** A basic block. */
  private final class Block {
    private final ConvBn first;
    private final ConvBn second;
    private final ConvBn shortcut;

    Block(int in, int out, int stride) {
      first = new ConvBn(in, out, 3, stride);
      second = new ConvBn(out, out, 3, 1);
      shortcut = stride == 1 && in == out ? null : new ConvBn(in, out, 1, stride);
    }

    Tensor forward(Tensor x) {
      Tensor y = second.forward(relu(first.forward(x)));
      return relu(y.add(shortcut == null ? x : shortcut.forward(x)));
    }
  }

  private final MemoryFormat layout;
  private final boolean training;
  private final TensorVector parameters = new TensorVector();
  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();
  private final Tensor weight;
  private final Tensor bias;

  LibtorchNet(
      int[] widths, int blocksPerStage, int classes, MemoryFormat layout, boolean training) {
    this.layout = layout;
    this.training = training;
    this.stem = new ConvBn(3, widths[0], 3, 1);
    int in = widths[0];
    for (int stage = 0; stage < widths.length; stage++) {
      for (int block = 0; block < blocksPerStage; block++) {
        blocks.add(new Block(in, widths[stage], stage > 0 && block == 0 ? 2 : 1));
        in = widths[stage];
      }
    }
    this.weight = parameter(randn(classes, in).mul(new Scalar(1 / Math.sqrt(in))));
    this.bias = parameter(zeros(classes));
  }

  Tensor forward(Tensor x) {
    Tensor y = relu(stem.forward(x));
    for (Block block : blocks) {
      y = block.forward(y);
    }
    return linear(y.mean(2, 3), weight, new TensorOptional(bias));
  }

  TensorVector parameters() {
    return parameters;
  }

  private Tensor parameter(Tensor tensor) {
    Tensor leaf = tensor.detach().set_requires_grad(training);
    parameters.push_back(leaf);
    return leaf;
  }
}
