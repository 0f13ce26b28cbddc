package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;

import io.sagitta.bench.Workload.Kind;
import io.sagitta.nn.io.Safetensors.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** A vision transformer in libtorch, as torchvision builds it. */
final class LibtorchTransformer extends LibtorchNet {
  private static final int HEADS = 3;
  private static final int PATCH = 4;
  private static final double EPSILON = 1e-6;

  /** y = x·wᵀ + b. */
  private final class Dense {
    private final Tensor weight;
    private final TensorOptional bias;

    Dense(String weight, String bias) {
      this.weight = parameter(weight);
      this.bias = new TensorOptional(parameter(bias));
    }

    Tensor forward(Tensor x) {
      return linear(x, weight, bias);
    }
  }

  /** Normalises each token. */
  private final class Norm {
    private final Tensor gamma;
    private final Tensor beta;

    Norm(String name) {
      gamma = parameter(name + ".weight");
      beta = parameter(name + ".bias");
    }

    Tensor forward(Tensor x) {
      return layer_norm(
          x, new long[] {gamma.size(0)}, new TensorOptional(gamma), new TensorOptional(beta), EPSILON,
          true);
    }
  }

  /** Attention, then two layers of each token by itself. */
  private final class Block {
    private final Norm first;
    private final Dense in;
    private final Dense out;
    private final Norm second;
    private final Dense expand;
    private final Dense contract;

    Block(String name) {
      first = new Norm(name + ".ln_1");
      in = new Dense(name + ".self_attention.in_proj_weight", name + ".self_attention.in_proj_bias");
      out =
          new Dense(
              name + ".self_attention.out_proj.weight", name + ".self_attention.out_proj.bias");
      second = new Norm(name + ".ln_2");
      expand = new Dense(name + ".mlp.0.weight", name + ".mlp.0.bias");
      contract = new Dense(name + ".mlp.3.weight", name + ".mlp.3.bias");
    }

    Tensor forward(Tensor x) {
      Tensor z = x.add(attended(first.forward(x)));
      return z.add(contract.forward(gelu(expand.forward(second.forward(z)))));
    }

    private Tensor attended(Tensor x) {
      long samples = x.size(0);
      long tokens = x.size(1);
      long width = x.size(2);
      Tensor all =
          in.forward(x).reshape(samples, tokens, 3, HEADS, width / HEADS).permute(2, 0, 3, 1, 4);
      Tensor q = all.select(0, 0);
      Tensor k = all.select(0, 1);
      Tensor v = all.select(0, 2);
      Tensor mixed =
          twice
              ? q.mul(new Scalar(1 / Math.sqrt(width / HEADS))).matmul(k.transpose(-2, -1))
                  .softmax(-1).matmul(v)
              : scaled_dot_product_attention(q, k, v);
      return out.forward(mixed.transpose(1, 2).reshape(samples, tokens, width));
    }
  }

  /** What libtorch fuses of attention has no second derivative; then it is made of its parts. */
  private final boolean twice;
  private final Tensor token;
  private final Tensor patches;
  private final TensorOptional patchBias;
  private final Tensor position;
  private final List<Block> blocks = new ArrayList<>();
  private final Norm norm;
  private final Dense head;

  LibtorchTransformer(Kind kind, Map<String, Entry> weights, MemoryFormat layout) {
    super(kind, weights, layout);
    twice = kind.differentiatesTwice();
    token = parameter("class_token");
    patches = parameter("conv_proj.weight");
    patchBias = new TensorOptional(parameter("conv_proj.bias"));
    position = parameter("encoder.pos_embedding");
    for (int i = 0; has(block(i) + ".ln_1.weight"); i++) {
      blocks.add(new Block(block(i)));
    }
    norm = new Norm("encoder.ln");
    head = new Dense("heads.head.weight", "heads.head.bias");
  }

  private static String block(int index) {
    return "encoder.layers.encoder_layer_" + index;
  }

  @Override
  Tensor forward(Tensor x) {
    long[] stride = {PATCH, PATCH};
    long[] none = {0, 0};
    Tensor patch =
        conv2d(x, patches, patchBias, stride, none, new long[] {1, 1}, 1).flatten(2, 3)
            .transpose(1, 2);
    Tensor first = token.expand(x.size(0), 1, token.size(2));
    Tensor y = cat(new TensorVector(first, patch), 1).add(position);
    for (Block block : blocks) {
      y = block.forward(y);
    }
    return head.forward(norm.forward(y).select(1, 0));
  }
}
