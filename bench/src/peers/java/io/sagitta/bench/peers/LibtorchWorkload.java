package io.sagitta.bench.peers;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.grad;
import static org.bytedeco.pytorch.global.torch.tensor;
import static org.bytedeco.pytorch.global.torch.zeros;

import io.sagitta.bench.Problem;
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
  private static final long REDUCE_NONE = 0;
  private static final long REDUCE_MEAN = 1;
  private static final long REDUCE_SUM = 2;
  private static final long NO_IGNORED_CLASS = -100;

  private final Kind kind;
  private final MemoryFormat layout;
  private final LibtorchNet net;
  private final Tensor x;
  private final Tensor labels;
  private final Tensor[] v = new Tensor[Problem.PROBES];
  private final Tensor[] u = new Tensor[Problem.PROBES];
  private final SGD sgd;

  LibtorchWorkload(Kind kind, Problem problem, MemoryFormat layout) {
    this.kind = kind;
    this.layout = layout;
    this.net = LibtorchNet.of(kind, problem.weights(), layout);
    this.x = images(problem.images());
    this.labels = tensor(problem.labels());
    for (int probe = 0; probe < Problem.PROBES; probe++) {
      v[probe] = images(problem.v(probe));
      u[probe] = images(problem.u(probe));
    }
    SGDOptions options = new SGDOptions(Problem.RATE);
    options.momentum().put(0.9);
    options.weight_decay().put(1e-4);
    this.sgd = kind.trains() ? new SGD(net.parameters(), options) : null;
  }

  private Tensor images(float[] nchw) {
    return tensor(nchw).reshape(-1, 3, 32, 32).contiguous(layout);
  }

  @Override
  public String note() {
    return ", " + layout;
  }

  @Override
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      work();
    }
  }

  @Override
  public double[] check() {
    try (PointerScope scope = new PointerScope()) {
      Tensor result = work().to(ScalarType.Double).contiguous(MemoryFormat.Contiguous);
      double[] values = new double[Math.toIntExact(result.numel())];
      result.data_ptr_double().get(values);
      return values;
    }
  }

  private Tensor work() {
    return switch (kind.work()) {
      case TRAIN -> train();
      case FORWARD -> forward();
      case GRADIENT -> gradient();
      case HVP -> hessianVectorProducts(1);
      case HVP10 -> hessianVectorProducts(Problem.PROBES);
      case ZO -> zeroOrder();
    };
  }

  private Tensor train() {
    sgd.zero_grad();
    Tensor loss = loss(net.forward(x), REDUCE_MEAN);
    loss.backward();
    sgd.step();
    return loss.detach();
  }

  private Tensor forward() {
    try (NoGradGuard guard = new NoGradGuard()) {
      return net.forward(x);
    }
  }

  private Tensor gradient() {
    Tensor input = x.detach().clone().set_requires_grad(true);
    TensorVector outputs = new TensorVector(loss(net.forward(input), REDUCE_SUM));
    return grad(outputs, new TensorVector(input)).get(0);
  }

  private Tensor hessianVectorProducts(int probes) {
    Tensor input = x.detach().clone().set_requires_grad(true);
    TensorVector inputs = new TensorVector(input);
    TensorVector outputs = new TensorVector(loss(net.forward(input), REDUCE_SUM));
    BoolOptional keep = new BoolOptional(true);
    TensorVector first = grad(outputs, inputs, new TensorVector(), keep, true, false);
    Tensor product = null;
    for (int probe = 1; probe <= probes; probe++) {
      BoolOptional again = new BoolOptional(probe < probes);
      product = grad(first, inputs, new TensorVector(v[0]), again, false, false).get(0);
    }
    return product;
  }

  private Tensor zeroOrder() {
    try (NoGradGuard guard = new NoGradGuard()) {
      losses(x);
      Tensor scores = zeros(x.size(0)).to(ScalarType.Double);
      for (int probe = 0; probe < Problem.PROBES; probe++) {
        try (PointerScope trial = new PointerScope()) {
          Tensor along = v[probe].add(u[probe]).mul(new Scalar(Problem.H));
          Tensor across = v[probe].sub(u[probe]).mul(new Scalar(Problem.H));
          scores.add_(
              losses(x.add(along)).sub(losses(x.sub(across))).sub(losses(x.add(across)))
                  .add(losses(x.sub(along))).abs()
                  .mul(new Scalar(1 / (4 * Problem.H * Problem.PROBES))));
        }
      }
      return scores;
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
}
