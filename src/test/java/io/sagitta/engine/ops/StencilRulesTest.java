package io.sagitta.engine.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Op;
import io.sagitta.engine.OpClasses;
import io.sagitta.engine.Plan;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Stencil;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Backends;
import io.sagitta.kernels.Precision;
import io.sagitta.kernels.Scope;
import io.sagitta.kernels.Tolerance;
import io.sagitta.kernels.reference.ReferenceBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Central differences in float32, carried through each op, against three evaluations in float64. */
class StencilRulesTest {
  private static final int ROWS = 5;
  private static final int COLUMNS = 8;
  private static final Shape SHAPE = Shape.of(ROWS, COLUMNS);
  private static final Shape IMAGES = Shape.of(ROWS, 2, COLUMNS / 2);

  /**
   * Subtracted in float32, the smaller step would leave no digit: a double difference is of the
   * order of its square, 6e-11 of the values.
   */
  private static final double[] STEPS = {0x1p-10, 0x1p-17};

  /** Constants of the functions, made before a plan may record what they do. */
  private record Constants(Tensor order, Tensor numbers) {
    static Constants on(Backend backend) {
      double[] order = new double[COLUMNS * COLUMNS];
      for (int i = 0; i < COLUMNS; i++) {
        order[i * COLUMNS + (i * 3 + 1) % COLUMNS] = 1;
      }
      return new Constants(
          Tensor.of(backend, Shape.of(COLUMNS, COLUMNS), order),
          Tensor.of(backend, SHAPE, floats(7, 1)));
    }

    /** A number for each channel of {@link #IMAGES}. */
    Tensor channel(int row) {
      return numbers.slice(0, row, 1).slice(1, 0, COLUMNS / 2).reshape(Shape.of(COLUMNS / 2));
    }

    /** Another function of the same input: its columns in another order. */
    Tensor mixed(Tensor s) {
      return s.matmul(order);
    }
  }

  private static final Map<String, BiFunction<Constants, Tensor, Tensor>> FUNCTIONS = functions();

  /** Numbers of both signs, some near zero, and what an op does with them. */
  private static Map<String, BiFunction<Constants, Tensor, Tensor>> functions() {
    Map<String, BiFunction<Constants, Tensor, Tensor>> map = new LinkedHashMap<>();
    map.put("exp", (c, s) -> s.exp());
    map.put("tanh", (c, s) -> s.tanh());
    map.put("gelu", (c, s) -> s.gelu());
    map.put("reciprocal", (c, s) -> s.add(4).reciprocal());
    map.put("sqrt", (c, s) -> s.add(4).sqrt());
    map.put("abs", (c, s) -> Abs.INSTANCE.apply(s));
    map.put("multiply", (c, s) -> s.mul(c.mixed(s)));
    map.put("divide", (c, s) -> s.div(c.mixed(s).add(4)));
    map.put("divide a constant", (c, s) -> c.numbers.div(s.add(4)));
    map.put("divide by a constant", (c, s) -> s.div(c.numbers.add(4)));
    map.put("matmul", (c, s) -> s.matmul(c.mixed(s).transpose(1, 0)));
    map.put("softmax", (c, s) -> Softmax.softmax(s));
    map.put("maximum", (c, s) -> Maximum.INSTANCE.apply(s, c.mixed(s)));
    map.put("maximum with a constant", (c, s) -> Maximum.INSTANCE.apply(s, c.numbers));
    map.put("a constant's maximum", (c, s) -> Maximum.INSTANCE.apply(c.numbers, s));
    map.put("attention", StencilRulesTest::attention);
    map.put("layer normalisation", StencilRulesTest::layerNorm);
    map.put("group normalisation", (c, s) -> groupNorm(c, s, null, false));
    map.put("group normalisation, rectified", (c, s) -> groupNorm(c, s, null, true));
    map.put("group normalisation and a sum", (c, s) -> groupNorm(c, s, c.mixed(s), false));
    map.put("a constant's group normalisation", (c, s) -> groupNorm(c, c.numbers, s, true));
    return map;
  }

  private static Tensor attention(Constants c, Tensor s) {
    Tensor keys = c.mixed(s);
    Tensor weights = Softmax.softmax(s.matmul(keys.transpose(1, 0)).mul(0.5));
    return weights.matmul(c.mixed(keys));
  }

  private static Tensor layerNorm(Constants c, Tensor s) {
    Tensor gamma = c.numbers.slice(0, 0, 1).reshape(Shape.of(COLUMNS));
    Tensor beta = c.numbers.slice(0, 1, 1).reshape(Shape.of(COLUMNS));
    return LayerNorm.layerNorm(s, gamma, beta, 1e-5);
  }

  /** Of two pixels with two groups of two channels each. */
  private static Tensor groupNorm(Constants c, Tensor s, Tensor residual, boolean relu) {
    Tensor added = residual == null ? null : residual.reshape(IMAGES);
    return GroupNorm.groupNorm(s.reshape(IMAGES), c.channel(0), c.channel(1), 2, added, relu, 1e-5)
        .reshape(SHAPE);
  }

  /** Doubles that are exact as floats. */
  private static double[] floats(long seed, double size) {
    Random random = new Random(seed);
    double[] values = new double[ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    return values;
  }

  static Stream<Arguments> functionsOnBackends() {
    return Backends.float32()
        .flatMap(backend -> FUNCTIONS.keySet().stream().map(f -> Arguments.of(backend, f)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("functionsOnBackends")
  void nothingCancels(Backends.Candidate candidate, String name) {
    BiFunction<Constants, Tensor, Tensor> function = FUNCTIONS.get(name);
    for (double h : STEPS) {
      check(candidate, name + ", h " + h, function, h);
      // A parabola gives the op's argument an even part.
      check(
          candidate, name + " of a parabola, h " + h,
          (c, x) -> function.apply(c, x.add(x.square().mul(0.25))), h);
    }
  }

  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static void check(
      Backends.Candidate candidate, String what, BiFunction<Constants, Tensor, Tensor> function,
      double h) {
    double[] x = floats(1, 1);
    double[] d = floats(2, h);
    double[][] expected = differences(function, x, d);
    try (Backend backend = candidate.open();
        Scope scope = Scope.open()) {
      Constants constants = Constants.on(backend);
      try (Plan plan =
          Plan.forStencils(s -> function.apply(constants, s), backend, SHAPE)) {
        plan.base(Tensor.of(backend, SHAPE, x));
        Stencil actual = plan.stencil(Tensor.of(backend, SHAPE, d), Precision.FP32);
        Tolerance.checkNorm(what + ", odd", actual.odd().toDoubles(), expected[0], 2e-6);
        Tensor even = actual.even();
        double[] second = even == null ? new double[expected[1].length] : even.toDoubles();
        for (int k = 0; k < second.length; k++) {
          second[k] -= expected[1][k];
        }
        // Subtraction in float64 rounds too, by some 1e-16 of the values.
        assertThat(norm(second)).as(what + ", even")
            .isLessThan(2e-5 * norm(expected[1]) + 4e-16 * norm(expected[2]));
      }
    }
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
  }

  /** Odd and even parts by subtraction in float64, and the values at the base point. */
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  private static double[][] differences(
      BiFunction<Constants, Tensor, Tensor> function, double[] x, double[] d) {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open()) {
      Constants constants = Constants.on(backend);
      double[][] values = new double[3][];
      for (int i = 0; i < 3; i++) {
        double[] moved = new double[x.length];
        for (int k = 0; k < x.length; k++) {
          moved[k] = x[k] + (i - 1) * d[k];
        }
        values[i] = function.apply(constants, Tensor.of(backend, SHAPE, moved)).toDoubles();
      }
      double[] odd = new double[values[0].length];
      double[] even = new double[odd.length];
      for (int k = 0; k < odd.length; k++) {
        odd[k] = (values[2][k] - values[0][k]) / 2;
        even[k] = values[2][k] - values[1][k] + (values[0][k] - values[1][k]);
      }
      return new double[][] {odd, even, values[1]};
    }
  }

  /** Ops of losses and of training, which no plan of a classifier's logits meets. */
  private static final List<String> WITHOUT_RULE =
      List.of(
          "BatchNormAct", "BatchNormGradInput", "BatchNormSums", "Conv2dStatistics",
          "CrossEntropy", "CrossEntropyGrad", "Greater", "GroupNormGradInput", "GroupNormSums",
          "LayerNormJacobian", "Log", "LogSumExp", "Max", "NormReluConv2d",
          "NormReluConv2dGradWeight", "NormReluGradInput", "NormReluSums", "Sign", "Step");

  /** A new op gets a rule, is linear and says so, or is put on the list. */
  @Test
  void everyOpOfAClassifierHasARule() throws IOException {
    List<String> without = new ArrayList<>();
    for (Class<?> op : OpClasses.concrete(Op.class)) {
      if (!overrides(op, "stencil", Tensor[].class, Tensor.class, Stencil[].class)
          && !overrides(op, "stencilForm", Tensor[].class)
          && !overrides(op, "dependence", boolean[].class)) {
        without.add(op.getSimpleName());
      }
    }
    assertThat(without).isSubsetOf(WITHOUT_RULE);
  }

  private static boolean overrides(Class<?> op, String method, Class<?>... arguments) {
    for (Class<?> type = op; type != Op.class; type = type.getSuperclass()) {
      try {
        type.getDeclaredMethod(method, arguments);
        return true;
      } catch (NoSuchMethodException e) {
        // Perhaps a superclass has it.
      }
    }
    return false;
  }

  @Test
  @SuppressWarnings("try") // an open scope is used by the operations inside it
  void anOpWithoutARuleIsNamed() {
    try (Backend backend = new ReferenceBackend();
        Scope scope = Scope.open();
        Plan plan = Plan.forStencils(x -> x.exp().log(), backend, SHAPE)) {
      DenseTensor x = Tensor.of(backend, SHAPE, floats(1, 1));
      plan.base(x);
      assertThatThrownBy(() -> plan.stencil(x, Precision.FP32))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("no stencil rule", "log");
    }
  }
}
