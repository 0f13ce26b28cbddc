package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;

import io.sagitta.bench.Workload;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The workloads in libtorch, in one memory layout. */
final class LibtorchWorkload implements Workload {
  private static final int CLASSES = 100;
  private static final int PROBES = 10;
  private static final double H = 1e-3;
  private static final long REDUCE_NONE = 0;
  private static final long REDUCE_MEAN = 1;
  private static final long REDUCE_SUM = 2;
  private static final long NO_IGNORED_CLASS = -100;

  private final Kind kind;
  private final MemoryFormat layout;
  private final LibtorchNet net;
  private final Tensor x;
  private final Tensor labels;
  private final Tensor direction;
  private final SGD sgd;

  LibtorchWorkload(Kind kind, int batch, MemoryFormat layout) {
    this.kind = kind;
    this.layout = layout;
    this.net =
        new LibtorchNet(kind.widths(), kind.blocksPerStage(), CLASSES, layout, kind.trains());
    this.x = randn(batch, 3, 32, 32).contiguous(layout);
    this.labels = randint(CLASSES, new long[] {batch}).to(ScalarType.Long);
    this.direction = signs(1);
    SGDOptions options = new SGDOptions(0.01);
    options.momentum().put(0.9);
    options.weight_decay().put(1e-4);
    this.sgd = kind.trains() ? new SGD(net.parameters(), options) : null;
  }

  @Override
  public String note() {
    return ", " + layout;
  }

  @Override
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      switch (kind) {
        case TRAIN, TRAIN_RESNET8 -> train();
        case FORWARD -> forward();
        case HVP -> hessianVectorProducts(1);
        case HVP10 -> hessianVectorProducts(PROBES);
        case ZO -> zeroOrder();
      }
    }
  }

  private void train() {
    sgd.zero_grad();
    loss(net.forward(x), REDUCE_MEAN).backward();
    sgd.step();
  }

  private void forward() {
    try (NoGradGuard guard = new NoGradGuard()) {
      net.forward(x);
    }
  }

  private void hessianVectorProducts(int probes) {
    Tensor input = x.detach().clone().set_requires_grad(true);
    TensorVector inputs = new TensorVector(input);
    TensorVector outputs = new TensorVector(loss(net.forward(input), REDUCE_SUM));
    BoolOptional keep = new BoolOptional(true);
    TensorVector first = grad(outputs, inputs, new TensorVector(), keep, true, false);
    for (int probe = 1; probe <= probes; probe++) {
      BoolOptional again = new BoolOptional(probe < probes);
      grad(first, inputs, new TensorVector(direction), again, false, false);
    }
  }

  private void zeroOrder() {
    try (NoGradGuard guard = new NoGradGuard()) {
      losses(x);
      for (int probe = 0; probe < PROBES; probe++) {
        try (PointerScope trial = new PointerScope()) {
          Tensor v = signs(H);
          Tensor u = signs(H);
          losses(x.add(v).add(u)).sub(losses(x.sub(v).add(u)))
              .sub(losses(x.add(v).sub(u))).add(losses(x.sub(v).sub(u)))
              .abs().mul(new Scalar(1 / (4 * H * PROBES)));
        }
      }
    }
  }

  /** The losses; what the network made on the way is freed at once. */
  private Tensor losses(Tensor images) {
    Tensor result = new Tensor();
    try (PointerScope query = new PointerScope()) {
      result.put(loss(net.forward(images).to(ScalarType.Double), REDUCE_NONE));
    }
    return result;
  }

  private Tensor loss(Tensor logits, long reduction) {
    return cross_entropy_loss(
        logits, labels, new TensorOptional(), reduction, NO_IGNORED_CLASS, 0);
  }

  private Tensor signs(double scale) {
    return randint(2, new long[] {x.size(0), 3, 32, 32})
        .mul(new Scalar(2 * scale)).sub(new Scalar(scale)).to(ScalarType.Float).contiguous(layout);
  }
}
