package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.relu;

import io.sagitta.bench.Workload.Kind;
import io.sagitta.nn.io.Safetensors.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** A residual network for 32×32 images in libtorch: a 3×3 stem, then stages of basic blocks. */
final class LibtorchResNet extends LibtorchNet {
  /** Convolution and batch normalisation. */
  private final class ConvBn {
    private final Tensor weight;
    private final Tensor gamma;
    private final Tensor beta;
    private final Tensor mean;
    private final Tensor variance;
    private final int kernel;
    private final int stride;

    ConvBn(String conv, String norm, int stride) {
      this.weight = parameter(conv + ".weight");
      this.gamma = parameter(norm + ".weight");
      this.beta = parameter(norm + ".bias");
      this.mean = load(norm + ".running_mean");
      this.variance = load(norm + ".running_var");
      this.kernel = Math.toIntExact(weight.size(2));
      this.stride = stride;
    }

    Tensor forward(Tensor x) {
      long[] strides = {stride, stride};
      long[] padding = {kernel / 2, kernel / 2};
      Tensor y = conv2d(x, weight, new TensorOptional(), strides, padding, new long[] {1, 1}, 1);
      return batch_norm(
          y, new TensorOptional(gamma), new TensorOptional(beta), new TensorOptional(mean),
          new TensorOptional(variance), training(), 0.1, 1e-5, false);
    }
  }

  /** A basic block. */
  private final class Block {
    private final ConvBn first;
    private final ConvBn second;
    private final ConvBn shortcut;

    Block(String name, int stride) {
      first = new ConvBn(name + "conv1", name + "bn1", stride);
      second = new ConvBn(name + "conv2", name + "bn2", 1);
      shortcut =
          has(name + "shortcut.0.weight")
              ? new ConvBn(name + "shortcut.0", name + "shortcut.1", stride)
              : null;
    }

    Tensor forward(Tensor x) {
      Tensor y = second.forward(relu(first.forward(x)));
      return relu(y.add(shortcut == null ? x : shortcut.forward(x)));
    }
  }

  private final ConvBn stem;
  private final List<Block> blocks = new ArrayList<>();
  private final Tensor weight;
  private final Tensor bias;

  LibtorchResNet(Kind kind, Map<String, Entry> weights, MemoryFormat layout) {
    super(kind, weights, layout);
    this.stem = new ConvBn("conv1", "bn1", 1);
    ResNetShape shape = ResNetShape.of(kind.network());
    for (int stage = 0; stage < shape.widths().length; stage++) {
      for (int block = 0; block < shape.blocks(); block++) {
        String name = "layer" + (stage + 1) + "." + block + ".";
        blocks.add(new Block(name, stage > 0 && block == 0 ? 2 : 1));
      }
    }
    this.weight = parameter("linear.weight");
    this.bias = parameter("linear.bias");
  }

  @Override
  Tensor forward(Tensor x) {
    Tensor y = relu(stem.forward(x));
    for (Block block : blocks) {
      y = block.forward(y);
    }
    return linear(y.mean(2, 3), weight, new TensorOptional(bias));
  }
}
