package io.sagitta.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sagitta.engine.ops.Concat;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.engine.ops.Gather;
import io.sagitta.engine.ops.LogSumExp;
import io.sagitta.engine.ops.Pooling;
import io.sagitta.engine.ops.Softmax;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operations compute: small known cases, and empty tensors. */
@SuppressWarnings("try") // an open scope is used by the operations inside it
class TensorTest {
  private ReferenceBackend backend;
  private Scope scope;

  @BeforeEach
  void open() {
    backend = new ReferenceBackend();
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  @Test
  void broadcastingAlignsAtTheEnd() {
    Tensor column = Tensor.of(backend, Shape.of(2, 1), 10, 20);
    check(column.add(counting(3)), Shape.of(2, 3), 10, 11, 12, 20, 21, 22);
    check(counting(3).sub(column), Shape.of(2, 3), -10, -9, -8, -20, -19, -18);
    check(Tensor.scalar(backend, 2).mul(counting(2, 2)), Shape.of(2, 2), 0, 2, 4, 6);
    check(counting(1, 2).broadcastTo(Shape.of(2, 2)), Shape.of(2, 2), 0, 1, 0, 1);
  }

  @Test
  void movesElementsWhereTheyBelong() {
    Tensor x = counting(2, 3);
    check(x.transpose(1, 0), Shape.of(3, 2), 0, 3, 1, 4, 2, 5);
    check(counting(1, 2, 2).transpose(2, 0, 1), Shape.of(2, 1, 2), 0, 2, 1, 3);
    check(x.slice(1, 1, 2), Shape.of(2, 2), 1, 2, 4, 5);
    check(x.slice(-2, 1, 1), Shape.of(1, 3), 3, 4, 5);
    check(x.slice(0, 1, 1).slice(1, 1, 1), Shape.of(1, 1), 4);
    check(x.flip(1), Shape.of(2, 3), 2, 1, 0, 5, 4, 3);
    check(x.flip(0, 1), Shape.of(2, 3), 5, 4, 3, 2, 1, 0);
    check(counting(1, 2).pad(new int[] {1, 0}, new int[] {0, 1}), Shape.of(2, 3), 0, 0, 0, 0, 1, 0);
    check(Concat.concat(-1, List.of(counting(2, 1), counting(2, 2))),
        Shape.of(2, 3), 0, 0, 1, 1, 2, 3);
    check(Gather.gather(x, 1, 1, 0), Shape.of(3, 3), 3, 4, 5, 3, 4, 5, 0, 1, 2);
    check(x.reshape(Shape.of(6)), Shape.of(6), 0, 1, 2, 3, 4, 5);
  }

  @Test
  void reducesOverAxes() {
    Tensor x = counting(2, 3);
    check(x.sum(), Shape.scalar(), 15);
    check(x.sum(0), Shape.of(3), 3, 5, 7);
    check(x.mean(-1), Shape.of(2), 1, 4);
    check(x.mean(), Shape.scalar(), 2.5);
    check(x.neg().max(0), Shape.of(3), 0, -1, -2);
    check(x.max(0, 1), Shape.scalar(), 5);
    check(counting(2, 2, 2).sum(0, 2), Shape.of(2), 0 + 1 + 4 + 5, 2 + 3 + 6 + 7);
  }

  /** Any set of axes, against sums by index. */
  @Property(tries = 200, seed = "1")
  void sumsAndMaximaOverAnyAxes(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(min = 1, max = 3) Integer> extents,
      @ForAll @IntRange(max = 31) int reduced) {
    try (ReferenceBackend own = new ReferenceBackend();
        Scope inner = Scope.open()) {
      Shape shape = Shape.of(extents.stream().mapToInt(Integer::intValue).toArray());
      int[] axes = IntStream.range(0, shape.rank()).filter(a -> (reduced >> a & 1) == 1).toArray();
      int count = (int) shape.elements();
      double[] values = new Random(count).ints(count, -50, 50).asDoubleStream().toArray();
      Shape kept = Axes.reduced(shape, axes);
      long[] strides = kept.stridesIn(shape);
      double[] sums = new double[(int) kept.elements()];
      double[] maxima = new double[sums.length];
      Arrays.fill(maxima, Double.NEGATIVE_INFINITY);
      for (int flat = 0; flat < count; flat++) {
        int target = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
          target += (int) (flat / shape.strides()[axis] % shape.dim(axis) * strides[axis]);
        }
        sums[target] += values[flat];
        maxima[target] = Math.max(maxima[target], values[flat]);
      }
      Tensor x = Tensor.of(own, shape, values);
      assertThat(x.sumTo(kept).toDoubles()).containsExactly(sums);
      assertThat(x.max(axes).toDoubles()).containsExactly(maxima);
      assertThat(x.max(axes).shape()).isEqualTo(Axes.removed(shape, axes));
    }
  }

  @Test
  void multipliesMatrices() {
    Tensor a = counting(2, 3);
    check(a.matmul(a, false, true), Shape.of(2, 2), 5, 14, 14, 50);
    check(a.matmul(a, true, false), Shape.of(3, 3), 9, 12, 15, 12, 17, 22, 15, 22, 29);
    Tensor batch = counting(2, 1, 2);
    check(batch.matmul(batch, false, true), Shape.of(2, 1, 1), 1, 13);
  }

  @Test
  void convolvesAndPools() {
    Tensor x = counting(1, 3, 3, 1);
    Tensor corner = Tensor.of(backend, Shape.of(1, 1, 2, 2), 1, 0, 0, 10);
    check(Conv2d.conv2d(x, corner, 1, 0), Shape.of(1, 2, 2, 1), 40, 51, 73, 84);
    check(Conv2d.conv2d(x, corner, 2, 1), Shape.of(1, 2, 2, 1), 0, 20, 60, 84);
    check(Pooling.maxPool2d(x, 2, 1, 0), Shape.of(1, 2, 2, 1), 4, 5, 7, 8);
    check(Pooling.avgPool2d(x, 2, 2, 1), Shape.of(1, 2, 2, 1), 0, 0.75, 2.25, 6);
    check(Pooling.globalAvgPool2d(x), Shape.of(1, 1), 4);
  }

  /** The winner is chosen by value, and its gradient goes to it alone. */
  @Test
  void maximumPoolingIsDifferentiable() {
    Tensor x = Tensor.of(backend, Shape.of(1, 2, 4, 1), 1, 5, 2, 0, 3, 4, 8, 9);
    Tensor gradient =
        Autodiff.grad(t -> Pooling.maxPool2d(t, 2, 2, 0).square().sum(), x);
    check(gradient, Shape.of(1, 2, 4, 1), 0, 10, 0, 0, 0, 0, 0, 18);
    check(Autodiff.hvp(t -> Pooling.maxPool2d(t, 2, 2, 0).square().sum(), x, x).product(),
        Shape.of(1, 2, 4, 1), 0, 10, 0, 0, 0, 0, 0, 18);
  }

  /** Large logits neither overflow nor lose the small ones. */
  @Test
  void lossesAreStable() {
    Tensor x = Tensor.of(backend, Shape.of(2, 2), 1000, 0, -1000, -1000);
    check(LogSumExp.logSumExp(x), Shape.of(2), 1000, -1000 + Math.log(2));
    check(Softmax.softmax(x), Shape.of(2, 2), 1, 0, 0.5, 0.5);
    check(CrossEntropy.crossEntropy(x, 1, 0), Shape.of(2), 1000, Math.log(2));
  }

  @Test
  void emptyTensorsPassThroughEverything() {
    Tensor none = Tensor.zeros(backend, Shape.of(0, 4));
    check(none.relu().add(counting(4)).mul(2), Shape.of(0, 4));
    check(none.sum(), Shape.scalar(), 0);
    check(none.sum(0), Shape.of(4), 0, 0, 0, 0);
    check(none.transpose(1, 0), Shape.of(4, 0));
    check(none.matmul(counting(4, 2)), Shape.of(0, 2));
    check(none.matmul(none, true, false), Shape.of(4, 4), new double[16]);
    check(none.flip(0).slice(1, 1, 2), Shape.of(0, 2));
    check(none.pad(new int[] {1, 0}, new int[] {0, 0}), Shape.of(1, 4), 0, 0, 0, 0);
    check(Concat.concat(0, List.of(none, counting(1, 4))), Shape.of(1, 4), 0, 1, 2, 3);
    check(Gather.gather(counting(2, 4)), Shape.of(0, 4));
    check(Softmax.softmax(none), Shape.of(0, 4));
    check(CrossEntropy.crossEntropy(none), Shape.of(0));
    Tensor images = Tensor.zeros(backend, Shape.of(0, 4, 4, 1));
    check(Conv2d.conv2d(images, counting(2, 1, 3, 3), 1, 0), Shape.of(0, 2, 2, 2));
    check(Pooling.maxPool2d(images, 2, 2, 0), Shape.of(0, 2, 2, 1));
    check(Pooling.avgPool2d(images, 2, 2, 0), Shape.of(0, 2, 2, 1));
  }

  @Test
  void derivativesOfEmptyBatchesAreZero() {
    Tensor images = Tensor.zeros(backend, Shape.of(0, 4, 4, 1));
    Tensor weights = counting(2, 1, 3, 3);
    Program loss =
        xs -> {
          Tensor y = Conv2d.conv2d(xs.get(0), xs.get(1), 1, 0).relu();
          Tensor pooled = Pooling.globalAvgPool2d(Pooling.maxPool2d(y, 2, 1, 0));
          return List.of(CrossEntropy.crossEntropy(pooled).sum());
        };
    Autodiff.Hvp hvp =
        Autodiff.hvp(loss, List.of(images, weights), List.of(images, weights));
    check(hvp.gradients().get(0), images.shape());
    check(hvp.gradients().get(1), weights.shape(), new double[18]);
    check(hvp.products().get(1), weights.shape(), new double[18]);
  }

  private Tensor counting(int... extents) {
    Shape shape = Shape.of(extents);
    double[] values = IntStream.range(0, (int) shape.elements()).asDoubleStream().toArray();
    return Tensor.of(backend, shape, values);
  }

  private static void check(Tensor actual, Shape shape, double... expected) {
    assertThat(actual.shape()).isEqualTo(shape);
    assertThat(actual.toDoubles()).hasSize(expected.length);
    Tolerance.checkNear("values", actual.toDoubles(), expected, 1e-13);
  }
}
