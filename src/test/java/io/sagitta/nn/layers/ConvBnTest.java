package io.sagitta.nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.Autodiff;
import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.reference.ReferenceBackend;
import io.sagitta.nn.models.Goldens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConvBnTest {
  private static final Offset<Double> EXACT = Offset.offset(1e-13);
  private static final int IN = 2;
  private static final int OUT = 3;

  private final ConvBn layer = new ConvBn("conv", "norm", IN, OUT, 3, 2);
  private Backend backend;
  private Scope scope;

  @BeforeEach
  void open() {
    backend = new ReferenceBackend();
    scope = Scope.open();
  }

  @AfterEach
  void closeAndCount() {
    scope.close();
    assertThat(backend.liveBytes()).isZero();
    backend.close();
  }

  private DenseTensor tensor(String key, int... extents) {
    Shape shape = Shape.of(extents);
    return Tensor.of(backend, shape, Goldens.uniform(key, (int) shape.elements()));
  }

  private Map<String, Tensor> weights() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    layer.declare(p -> weights.put(p.name(), tensor(p.name(), p.shape().dims())));
    weights.put("norm.running_var", tensor("norm.running_var", OUT).add(1.5));
    return weights;
  }

  private static void expectEqual(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), EXACT);
  }

  @Test
  void evaluationIsTheDefinition() {
    Map<String, Tensor> weights = weights();
    double[] x = Goldens.uniform("x", 25 * IN);
    double[] r = Goldens.uniform("r", 9 * OUT);
    Tensor y =
        layer.apply(
            Pass.eval(weights),
            Tensor.of(backend, Shape.of(1, 5, 5, IN), x),
            Tensor.of(backend, Shape.of(1, 3, 3, OUT), r),
            true);
    double[] expected = new double[9 * OUT];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.max(0, evaluate(weights, x, i / OUT / 3, i / OUT % 3, i % OUT) + r[i]);
    }
    assertThat(y.toDoubles()).containsExactly(expected, EXACT);
  }

  private double evaluate(Map<String, Tensor> weights, double[] x, int row, int column, int out) {
    double[] w = weights.get("conv.weight").toDoubles();
    double sum = 0;
    for (int k = 0; k < IN * 9; k++) {
      int y = 2 * row + k / 3 % 3 - 1;
      int z = 2 * column + k % 3 - 1;
      if (y >= 0 && y < 5 && z >= 0 && z < 5) {
        sum += w[out * IN * 9 + k] * x[(y * 5 + z) * IN + k / 9];
      }
    }
    double mean = weights.get("norm.running_mean").toDoubles()[out];
    double variance = weights.get("norm.running_var").toDoubles()[out];
    double normal = (sum - mean) / Math.sqrt(variance + 1e-5);
    return normal * weights.get("norm.weight").toDoubles()[out]
        + weights.get("norm.bias").toDoubles()[out];
  }

  @Test
  void foldedIsEvaluation() {
    Map<String, Tensor> weights = weights();
    Map<String, Tensor> folded = new HashMap<>();
    layer.fold(Pass.eval(weights), folded::put);
    Tensor x = tensor("x", 2, 5, 5, IN);
    for (boolean relu : new boolean[] {false, true}) {
      Tensor expected = layer.apply(Pass.eval(weights), x, null, relu);
      expectEqual(layer.apply(Pass.folded(folded), x, null, relu), expected);
    }
  }

  @Test
  void evaluationIsAFunctionOfItsParameters() {
    Map<String, Tensor> weights = weights();
    Tensor x = tensor("x", 2, 5, 5, IN);
    for (String name : weights.keySet()) {
      if (!name.endsWith("tracked")) {
        double[] gradient =
            Autodiff.grad(p -> loss(with(weights, name, p), x), weights.get(name)).toDoubles();
        double h = 1e-5;
        double[] up = weights.get(name).toDoubles();
        double[] down = up.clone();
        up[1] += h;
        down[1] -= h;
        Shape shape = weights.get(name).shape();
        double above = loss(with(weights, name, Tensor.of(backend, shape, up)), x).item();
        double below = loss(with(weights, name, Tensor.of(backend, shape, down)), x).item();
        assertThat(gradient[1]).as(name).isCloseTo((above - below) / (2 * h), Offset.offset(1e-7));
      }
    }
  }

  private Tensor loss(Map<String, Tensor> weights, Tensor x) {
    return layer.apply(Pass.eval(weights), x, null, false).square().sum();
  }

  private static Map<String, Tensor> with(Map<String, Tensor> weights, String name, Tensor p) {
    Map<String, Tensor> changed = new HashMap<>(weights);
    changed.put(name, p);
    return changed;
  }

  @Test
  void trainingNormalisesByTheBatchAndReportsIt() {
    Map<String, Tensor> weights = weights();
    Tensor x = tensor("x", 2, 5, 5, IN);
    List<double[]> reported = new ArrayList<>();
    Pass pass =
        Pass.train(
            weights,
            (norm, statistics, rows) -> {
              assertThat(norm).isEqualTo("norm");
              assertThat(rows).isEqualTo(18);
              reported.add(statistics.toDoubles());
            });
    Tensor y = layer.apply(pass, x, null, false);
    assertThat(reported).hasSize(1);
    double[] statistics = reported.get(0);
    Map<String, Tensor> own = new HashMap<>(weights);
    Shape channels = Shape.of(OUT);
    own.put(
        "norm.running_mean",
        Tensor.of(backend, channels, Arrays.copyOf(statistics, OUT)));
    own.put(
        "norm.running_var",
        Tensor.of(backend, channels, Arrays.copyOfRange(statistics, OUT, 2 * OUT)));
    expectEqual(y, layer.apply(Pass.eval(own), x, null, false));
  }

  @Test
  void refusesToNormaliseASingleValue() {
    assertThatThrownBy(
            () -> layer.apply(Pass.train(weights()), tensor("x", 1, 1, 1, IN), null, true))
        .hasMessage(
            "norm: expected more than one value per channel in training, got [1, 1, 1, 3]");
  }

  @Test
  void namesAMissingWeight() {
    assertThatThrownBy(
            () -> layer.apply(Pass.eval(Map.of()), tensor("x", 1, 5, 5, IN), null, true))
        .hasMessage(
            "forward: expected a weight 'conv.weight' for a pass in mode EVAL, got 0 others");
  }
}
