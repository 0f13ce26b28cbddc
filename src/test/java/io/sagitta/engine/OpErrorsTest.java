package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.ops.AvgPool2d;
import io.sagitta.engine.ops.BatchNormAct;
import io.sagitta.engine.ops.BatchNormGradInput;
import io.sagitta.engine.ops.BatchNormSums;
import io.sagitta.engine.ops.Concat;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.Conv2dGradInput;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.engine.ops.CrossEntropyGrad;
import io.sagitta.engine.ops.Gather;
import io.sagitta.engine.ops.LogSumExp;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.engine.ops.ScatterAdd;
import io.sagitta.engine.ops.Select;
import io.sagitta.engine.ops.Softmax;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Wrong arguments are refused by a message that names the op, what it expected and what it got. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class OpErrorsTest {
  private static final ConvParameters PLAIN = new ConvParameters(1, 0, 1, Precision.FP32);

  /** A call that must fail and what its message must hold. */
  record Case(Call call, String... parts) {
    @Override
    public String toString() {
      return parts[0] + " " + parts[parts.length - 1];
    }
  }

  /** Makes a tensor from zeros of given shapes. */
  interface Call {
    Tensor run(Zeros zeros);
  }

  /** Zeros of a shape. */
  interface Zeros {
    Tensor of(int... extents);
  }

  static Stream<Case> cases() {
    return Stream.of(elementCases(), convolutionCases(), rowCases(), normCases())
        .flatMap(List::stream);
  }

  private static List<Case> elementCases() {
    return List.of(
        new Case(z -> z.of(2, 3).add(z.of(2)), "add:", "[2, 3]", "[2]", "do not broadcast"),
        new Case(z -> z.of(2, 3).matmul(z.of(2, 3)), "matmul:", "inner", "[2, 3] x [2, 3]"),
        new Case(z -> z.of(2, 3).matmul(z.of(3)), "matmul:", "[2, 3] x [3]"),
        new Case(
            z -> z.of(2, 3, 4).matmul(z.of(3, 4, 2)), "matmul:", "[2, 3, 4] x [3, 4, 2]"),
        new Case(z -> z.of(2, 3).reshape(Shape.of(5)), "reshape:", "6", "5"),
        new Case(z -> z.of(2, 3).transpose(0, 0), "transpose:", "[2, 3]", "[0, 0]"),
        new Case(z -> z.of(2, 3).transpose(0), "transpose:", "[2, 3]", "[0]"),
        new Case(z -> z.of(2, 3).slice(1, 2, 2), "slice:", "[2, 2]", "[0, 2]", "[2, 3]"),
        new Case(z -> z.of(2, 3).slice(1, -1, 2), "slice:", "[0, -1]", "[2, 3]"),
        new Case(z -> z.of(2).pad(new int[] {-1}, new int[] {0}), "pad:", "[-1]"),
        new Case(
            z -> z.of(2).pad(new int[] {Integer.MAX_VALUE}, new int[] {Integer.MAX_VALUE}),
            "pad:", "2147483647"),
        new Case(z -> z.of(2).flip(1), "[2]", "axis 1"),
        new Case(z -> z.of(2, 3).sum(2), "[2, 3]", "axis 2"),
        new Case(z -> z.of(0, 3).max(0), "max_over:", "[0, 3]"),
        new Case(z -> z.of(2, 3).broadcastTo(Shape.of(3, 2)), "broadcast", "[2, 3]", "[3, 2]"),
        new Case(z -> z.of(2, 3).sumTo(Shape.of(2)), "broadcast", "[2]", "[2, 3]"),
        new Case(
            z -> Concat.concat(0, List.of(z.of(2, 3), z.of(2, 4))), "concat:", "[2, 3]", "[2, 4]"),
        new Case(z -> Concat.concat(0, List.of()), "concat:", "at least one"));
  }

  private static List<Case> convolutionCases() {
    return List.of(
        new Case(
            z -> Conv2d.conv2d(z.of(1, 4, 4, 3), z.of(2, 2, 3, 3), 1, 1),
            "conv2d:", "[1, 4, 4, 3]", "[2, 2, 3, 3]"),
        new Case(z -> Conv2d.conv2d(z.of(4, 4, 3), z.of(2, 3, 3, 3), 1, 1), "conv2d:", "[4, 4, 3]"),
        new Case(
            z -> Conv2d.conv2d(z.of(1, 2, 2, 3), z.of(2, 3, 3, 3), 1, 0),
            "conv2d:", "3x3", "2x2", "does not fit"),
        new Case(
            z -> Conv2d.conv2d(z.of(1, 4, 4, 3), z.of(2, 3, 3, 3), 0, 0), "conv2d:", "stride 0"),
        new Case(
            z -> new Conv2dGradInput(PLAIN, Shape.of(1, 4, 4, 3))
                .apply(z.of(2, 3, 3, 3), z.of(1, 3, 3, 2)),
            "conv2d_grad_input:", "[1, 2, 2, 2]", "[1, 3, 3, 2]"),
        new Case(
            z -> ConvBiasAct.convBiasAct(
                z.of(1, 4, 4, 3), z.of(2, 3, 3, 3), z.of(3), null, PLAIN, true),
            "conv2d_bias_act:", "[2]", "[3]"),
        new Case(
            z -> ConvBiasAct.convBiasAct(
                z.of(1, 4, 4, 3), z.of(2, 3, 3, 3), z.of(2), z.of(1, 4, 4, 2), PLAIN, true),
            "conv2d_bias_act:", "[1, 2, 2, 2]", "[1, 4, 4, 2]"),
        new Case(z -> Pooling.maxPool2d(z.of(4, 4, 3), 2, 2, 0), "pool2d:", "[4, 4, 3]"),
        new Case(z -> Pooling.avgPool2d(z.of(1, 2, 2, 3), 3, 1, 0), "pool2d:", "does not fit"),
        new Case(
            z -> new AvgPool2d(new Pool2dGeometry(1, 4, 4, 3, 2, 2, 0)).apply(z.of(1, 4, 3, 3)),
            "avg_pool2d:", "[1, 4, 4, 3]", "[1, 4, 3, 3]"));
  }

  private static List<Case> rowCases() {
    return List.of(
        new Case(z -> Softmax.softmax(z.of(2, 0)), "softmax:", "[2, 0]"),
        new Case(z -> LogSumExp.logSumExp(z.of()), "log_sum_exp:", "[]"),
        new Case(
            z -> CrossEntropy.crossEntropy(z.of(2, 3), 0), "cross_entropy:", "[1, K]", "[2, 3]"),
        new Case(
            z -> CrossEntropy.crossEntropy(z.of(2, 3), 0, 3),
            "cross_entropy:", "label[1] = 3", "0..2"),
        new Case(
            z -> CrossEntropy.INSTANCE.apply(z.of(2, 3), z.of(3)),
            "cross_entropy:", "labels", "[3]", "[2, 3]"),
        new Case(
            z -> CrossEntropyGrad.INSTANCE.apply(z.of(2, 3), z.of(1), z.of(2)),
            "cross_entropy_grad:", "weight", "[1]", "[2, 3]"),
        new Case(z -> Gather.gather(z.of(2, 3), 0, 2), "gather:", "index[1] = 2", "0..1"),
        new Case(z -> Gather.INSTANCE.apply(z.of(2, 3), z.of(1, 1)), "gather:", "[1, 1]"),
        new Case(z -> new ScatterAdd(4).apply(z.of(2, 3), z.of(3)), "scatter_add:", "[3]"),
        new Case(
            z -> new Select(Shape.of(2)).apply(z.of(4), z.of(3)), "select:", "2 winners", "[3]"));
  }

  private static List<Case> normCases() {
    return List.of(
        new Case(
            z -> new BatchNormAct(1e-5, true).apply(z.of(4, 3), z.of(2), z.of(3), z.of(2, 3)),
            "batch_norm_act:", "[3] per channel", "[2]"),
        new Case(
            z -> new BatchNormAct(1e-5, true).apply(z.of(4, 3), z.of(3), z.of(3), z.of(3)),
            "batch_norm_act:", "statistics", "[2, 3]", "[3]"),
        new Case(
            z -> new BatchNormAct(1e-5, true).apply(z.of(0, 3), z.of(3), z.of(3), z.of(2, 3)),
            "batch_norm_act:", "at least one element", "[0, 3]"),
        new Case(
            z -> new BatchNormAct(1e-5, true)
                .apply(z.of(4, 3), z.of(3), z.of(3), z.of(2, 3), z.of(3)),
            "batch_norm_act:", "residual", "[4, 3]", "[3]"),
        new Case(
            z -> new BatchNormSums(1e-5, false).apply(z.of(4, 3), z.of(2, 3), z.of(4, 2)),
            "batch_norm_sums:", "gradient", "[4, 3]", "[4, 2]"),
        new Case(
            z -> new BatchNormGradInput(1e-5, false)
                .apply(z.of(4, 3), z.of(3), z.of(2, 3), z.of(4, 3), z.of(3)),
            "batch_norm_grad_input:", "sums", "[2, 3]", "[3]"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void messageNamesOpExpectedAndGot(Case c) {
    try (ReferenceBackend backend = new ReferenceBackend()) {
      try (Scope scope = Scope.open()) {
        Zeros zeros = extents -> Tensor.zeros(backend, Shape.of(extents));
        assertThatThrownBy(() -> c.call().run(zeros))
            .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class)
            .hasMessageContainingAll(c.parts());
      }
      assertThat(backend.liveBytes()).isZero();
    }
  }

  @Test
  void derivativesCheckTheirArguments() {
    try (ReferenceBackend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(backend, Shape.of(3));
      Tensor wrong = Tensor.zeros(backend, Shape.of(2));
      assertThatThrownBy(() -> Autodiff.grad(t -> t.mul(2), x))
          .hasMessageContainingAll("grad:", "scalar", "[3]");
      assertThatThrownBy(() -> Autodiff.jvp(Tensor::sum, x, wrong))
          .hasMessageContainingAll("jvp:", "[3]", "[2]");
      assertThatThrownBy(() -> Autodiff.jvp(List::copyOf, List.of(x, x), List.of(x)))
          .hasMessageContainingAll("jvp:", "2 directions", "got 1");
      try (Vjp vjp = Autodiff.vjp(t -> t.mul(2), x)) {
        assertThatThrownBy(() -> vjp.pullback(wrong))
            .hasMessageContainingAll("pullback:", "[3]", "[2]");
        assertThatThrownBy(() -> vjp.pullback(x, x))
            .hasMessageContainingAll("pullback:", "at most 1", "got 2");
      }
    }
  }

  @Test
  void tensorsCheckTheirNumbers() {
    try (ReferenceBackend backend = new ReferenceBackend();
        ReferenceBackend other = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.zeros(backend, Shape.of(3));
      assertThatThrownBy(() -> Tensor.of(backend, Shape.of(3), 1, 2))
          .hasMessageContainingAll("tensor:", "[3]", "3 elements", "got 2");
      assertThatThrownBy(x::item).hasMessageContainingAll("item:", "one element", "[3]");
      assertThatThrownBy(() -> x.add(Tensor.zeros(other, Shape.of(3))))
          .hasMessageContainingAll("add:", "different backends");
      assertThatThrownBy(() -> Shape.of(2, -1)).hasMessageContainingAll("shape:", "[2, -1]");
    }
  }
}
