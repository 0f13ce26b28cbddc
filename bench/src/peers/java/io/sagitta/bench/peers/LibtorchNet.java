package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.tensor;

import io.sagitta.bench.Workload.Kind;
import io.sagitta.nn.io.Safetensors.Entry;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** A network for 32×32 images in libtorch, from a problem's weights. */
abstract class LibtorchNet {
  private final Map<String, Entry> weights;
  private final MemoryFormat layout;
  private final boolean training;
  private final TensorVector parameters = new TensorVector();

  LibtorchNet(Kind kind, Map<String, Entry> weights, MemoryFormat layout) {
    this.weights = weights;
    this.layout = layout;
    this.training = kind.trains();
  }

  static LibtorchNet of(Kind kind, Map<String, Entry> weights, MemoryFormat layout) {
    return kind.network().architecture().equals("vit-tiny")
        ? new LibtorchTransformer(kind, weights, layout)
        : new LibtorchResNet(kind, weights, layout);
  }

  /** The logits of images [N, 3, 32, 32]. */
  abstract Tensor forward(Tensor x);

  /** What training moves. */
  final TensorVector parameters() {
    return parameters;
  }

  final boolean training() {
    return training;
  }

  final boolean has(String name) {
    return weights.containsKey(name);
  }

  final Tensor parameter(String name) {
    Tensor leaf = load(name).set_requires_grad(training);
    parameters.push_back(leaf);
    return leaf;
  }

  final Tensor load(String name) {
    Entry entry = weights.get(name);
    Tensor loaded = tensor(entry.floats()).reshape(entry.shape());
    return entry.shape().length == 4 ? loaded.contiguous(layout) : loaded;
  }
}
