package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Memory is held as long as it is needed, no longer, and whatever happens. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class LifetimeTest {
  private static final int ELEMENTS = 1000;
  private static final long TENSOR_BYTES = ELEMENTS * 8L;
  private static final int DEPTH = 50;

  private final ReferenceBackend backend = new ReferenceBackend();

  @AfterEach
  void nothingIsLeft() {
    assertThat(backend.liveBytes()).isZero();
    assertThat(Scope.isOpen()).isFalse();
  }

  @Test
  void derivativesLeaveOnlyTheirResults() {
    try (Scope scope = Scope.open()) {
      Tensor x = vector();
      Tensor v = vector();
      long before = backend.liveBytes();
      Autodiff.grad(LifetimeTest::chain, x);
      assertThat(backend.liveBytes() - before).isEqualTo(TENSOR_BYTES + 8);
      Autodiff.jvp(LifetimeTest::chain, x, v);
      assertThat(backend.liveBytes() - before).isEqualTo(TENSOR_BYTES + 3 * 8);
      Autodiff.hvp(LifetimeTest::chain, x, v);
      assertThat(backend.liveBytes() - before).isLessThanOrEqualTo(3 * TENSOR_BYTES + 5 * 8);
    }
  }

  @Test
  void pullbackMayBeRepeatedUntilClosed() {
    try (Scope scope = Scope.open()) {
      Tensor x = vector();
      Vjp vjp = Autodiff.vjp(LifetimeTest::chain, x);
      double[] first = vjp.pullback(Tensor.scalar(backend, 1)).get(0).toDoubles();
      double[] second = vjp.pullback(Tensor.scalar(backend, 1)).get(0).toDoubles();
      assertThat(second).isEqualTo(first);
      vjp.close();
      assertThatThrownBy(() -> vjp.pullback(Tensor.scalar(backend, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("pullback").hasMessageContaining("closed");
    }
  }

  @Test
  void closingAVjpFreesWhatItSaved() {
    try (Scope scope = Scope.open()) {
      Tensor x = vector();
      long before = backend.liveBytes();
      try (Vjp vjp = Autodiff.vjp(LifetimeTest::chain, x)) {
        assertThat(backend.liveBytes() - before).isGreaterThan(DEPTH * TENSOR_BYTES);
      }
      assertThat(backend.liveBytes() - before).isEqualTo(8);
    }
  }

  @Test
  void failureInTheFunctionFreesEverything() {
    UnaryOperator<Tensor> broken =
        x -> {
          chain(x);
          throw new IllegalStateException("in the middle");
        };
    assertFreesEverything(broken);
  }

  @Test
  void failureInARuleFreesEverything() {
    assertFreesEverything(x -> new Broken().apply(chainOf(x, DEPTH)).sum());
  }

  private void assertFreesEverything(UnaryOperator<Tensor> broken) {
    try (Scope scope = Scope.open()) {
      Tensor x = vector();
      Tensor v = vector();
      long before = backend.liveBytes();
      assertThatThrownBy(() -> Autodiff.grad(broken, x)).hasMessage("in the middle");
      assertThatThrownBy(() -> Autodiff.jvp(broken, x, v)).hasMessage("in the middle");
      assertThatThrownBy(() -> Autodiff.hvp(broken, x, v)).hasMessage("in the middle");
      assertThat(backend.liveBytes()).isEqualTo(before);
      // The levels that were left by an exception are left indeed.
      assertThat(Autodiff.grad(Tensor::sum, x).toDoubles()).containsOnly(1);
    }
  }

  @Test
  void tensorOfAFunctionThatReturnedIsRefused() {
    try (Scope scope = Scope.open()) {
      List<Tensor> leaked = new ArrayList<>();
      UnaryOperator<Tensor> leaking =
          x -> {
            leaked.add(x.mul(2));
            return x.sum();
          };
      Autodiff.grad(leaking, vector());
      Autodiff.jvp(leaking, vector(), vector());
      for (Tensor tensor : leaked) {
        assertThatThrownBy(() -> tensor.add(1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("after the function returned");
        assertThatThrownBy(() -> Autodiff.grad(x -> x.mul(tensor).sum(), vector()))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("after the function returned");
      }
    }
  }

  @Test
  void tensorOfAClosedScopeIsRefused() {
    try (Scope outer = Scope.open()) {
      Tensor gone;
      try (Scope inner = Scope.open()) {
        gone = vector();
      }
      assertThatThrownBy(() -> gone.add(1)).hasMessageContaining("after its scope closed");
      assertThatThrownBy(gone::toDoubles).hasMessageContaining("after its scope closed");
    }
  }

  @Test
  void computingWithoutAScopeSaysWhatToDo() {
    assertThatThrownBy(this::vector)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Scope.open()");
  }

  /** tanh saves one tensor a block; the others of the block must not add up. */
  @Test
  void gradientPeakGrowsLikeWhatIsSaved() {
    long peak = peak(x -> Autodiff.grad(LifetimeTest::tidyChain, x));
    assertThat(peak).isLessThan((DEPTH + 8) * TENSOR_BYTES);
    assertThat(peak).isGreaterThan(DEPTH * TENSOR_BYTES);
  }

  @Test
  void hessianProductPeakGrowsLikeTwiceWhatIsSaved() {
    long peak =
        peak(x -> Autodiff.hvp(LifetimeTest::tidyChain, x, vector()).product());
    assertThat(peak).isLessThan((2 * DEPTH + 20) * TENSOR_BYTES);
  }

  /** Only the blocks' results and their tangents stay until the function returns. */
  @Test
  void tangentPeakGrowsLikeTheResultsOfBlocks() {
    long peak =
        peak(x -> Autodiff.jvp(LifetimeTest::tidyChain, x, vector()).tangent());
    assertThat(peak).isLessThan((2 * DEPTH + 10) * TENSOR_BYTES);
  }

  @Test
  void backwardPassFreesOnItsWay() {
    List<Long> live = new ArrayList<>();
    peak(
        x ->
            Autodiff.grad(
                t -> {
                  Tensor y = t;
                  for (int i = 0; i < DEPTH; i++) {
                    Tensor before = new Probe(live).apply(y);
                    y = Tensor.tidy(() -> block(before));
                  }
                  return y.sum();
                },
                x));
    assertThat(live).hasSize(DEPTH);
    for (int i = 1; i < DEPTH; i++) {
      assertThat(live.get(i - 1) - live.get(i)).isEqualTo(TENSOR_BYTES);
    }
  }

  private long peak(UnaryOperator<Tensor> f) {
    try (Scope scope = Scope.open()) {
      Tensor x = vector();
      backend.resetPeak();
      f.apply(x);
      return backend.peakBytes();
    }
  }

  private Tensor vector() {
    return Tensor.full(backend, Shape.of(ELEMENTS), 0.3);
  }

  private static Tensor block(Tensor x) {
    return x.mul(0.9).add(0.1).tanh();
  }

  private static Tensor chainOf(Tensor x, int depth) {
    Tensor y = x;
    for (int i = 0; i < depth; i++) {
      y = block(y);
    }
    return y;
  }

  private static Tensor chain(Tensor x) {
    return chainOf(x, DEPTH).sum();
  }

  private static Tensor tidyChain(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < DEPTH; i++) {
      Tensor before = y;
      y = Tensor.tidy(() -> block(before));
    }
    return y.sum();
  }

  /** y = x, with no copy; a base for ops that only watch. */
  private abstract static class Identity extends Op {
    @Override
    public String name() {
      return "identity";
    }

    @Override
    protected Shape outputShape(Shape[] inputs) {
      return inputs[0];
    }

    @Override
    protected DenseTensor forward(DenseTensor[] inputs) {
      return inputs[0].view(inputs[0].shape());
    }

    @Override
    protected void compute(DenseTensor[] inputs, DenseTensor output) {
      throw new IllegalStateException("identity is a view");
    }

    @Override
    protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
      return apply(tangents[0]);
    }

    @Override
    protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
      return new Tensor[] {gradient};
    }

    @Override
    protected boolean savesInput(int index, boolean[] needed) {
      return false;
    }
  }

  /** Notes the live bytes when the gradient passes. */
  private static final class Probe extends Identity {
    private final List<Long> live;

    Probe(List<Long> live) {
      this.live = live;
    }

    @Override
    protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
      live.add(gradient.backend().liveBytes());
      return super.vjp(inputs, output, gradient, needed);
    }
  }

  /** Has no derivative. */
  private static final class Broken extends Identity {
    @Override
    protected Tensor jvp(Tensor[] inputs, Tensor output, Tensor[] tangents) {
      tangents[0].mul(2);
      throw new IllegalStateException("in the middle");
    }

    @Override
    protected Tensor[] vjp(Tensor[] inputs, Tensor output, Tensor gradient, boolean[] needed) {
      gradient.mul(2);
      throw new IllegalStateException("in the middle");
    }
  }
}
