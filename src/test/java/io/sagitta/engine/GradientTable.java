package io.sagitta.engine;

import static io.sagitta.engine.GradientRow.any;
import static io.sagitta.engine.GradientRow.distinct;
import static io.sagitta.engine.GradientRow.groupStatistics;
import static io.sagitta.engine.GradientRow.indices;
import static io.sagitta.engine.GradientRow.positive;
import static io.sagitta.engine.GradientRow.statistics;

import io.sagitta.engine.GradientRow.Argument;
import io.sagitta.engine.ops.Abs;
import io.sagitta.engine.ops.Add;
import io.sagitta.engine.ops.Affine;
import io.sagitta.engine.ops.AvgPool2d;
import io.sagitta.engine.ops.AvgPool2dGrad;
import io.sagitta.engine.ops.BatchNormAct;
import io.sagitta.engine.ops.BatchNormGradInput;
import io.sagitta.engine.ops.BatchNormSums;
import io.sagitta.engine.ops.BroadcastTo;
import io.sagitta.engine.ops.Concat;
import io.sagitta.engine.ops.Conv2d;
import io.sagitta.engine.ops.Conv2dGradInput;
import io.sagitta.engine.ops.Conv2dGradWeight;
import io.sagitta.engine.ops.Conv2dStatistics;
import io.sagitta.engine.ops.ConvBiasAct;
import io.sagitta.engine.ops.ConvParameters;
import io.sagitta.engine.ops.CrossEntropy;
import io.sagitta.engine.ops.CrossEntropyGrad;
import io.sagitta.engine.ops.Divide;
import io.sagitta.engine.ops.Exp;
import io.sagitta.engine.ops.Flip;
import io.sagitta.engine.ops.Gather;
import io.sagitta.engine.ops.Gelu;
import io.sagitta.engine.ops.Greater;
import io.sagitta.engine.ops.GroupNormAct;
import io.sagitta.engine.ops.GroupNormGradInput;
import io.sagitta.engine.ops.GroupNormSums;
import io.sagitta.engine.ops.LayerNorm;
import io.sagitta.engine.ops.LayerNormJacobian;
import io.sagitta.engine.ops.Log;
import io.sagitta.engine.ops.LogSumExp;
import io.sagitta.engine.ops.Mask;
import io.sagitta.engine.ops.Matmul;
import io.sagitta.engine.ops.Max;
import io.sagitta.engine.ops.MaxPool2d;
import io.sagitta.engine.ops.Maximum;
import io.sagitta.engine.ops.Multiply;
import io.sagitta.engine.ops.NormReluConv2d;
import io.sagitta.engine.ops.NormReluConv2dGradWeight;
import io.sagitta.engine.ops.NormReluGradInput;
import io.sagitta.engine.ops.NormReluSums;
import io.sagitta.engine.ops.Pad;
import io.sagitta.engine.ops.Reciprocal;
import io.sagitta.engine.ops.Relu;
import io.sagitta.engine.ops.Reshape;
import io.sagitta.engine.ops.Scatter;
import io.sagitta.engine.ops.ScatterAdd;
import io.sagitta.engine.ops.Select;
import io.sagitta.engine.ops.Sign;
import io.sagitta.engine.ops.Slice;
import io.sagitta.engine.ops.Softmax;
import io.sagitta.engine.ops.Sqrt;
import io.sagitta.engine.ops.Step;
import io.sagitta.engine.ops.Subtract;
import io.sagitta.engine.ops.SumTo;
import io.sagitta.engine.ops.Tanh;
import io.sagitta.engine.ops.Transpose;
import io.sagitta.kernels.Pool2dGeometry;
import io.sagitta.kernels.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The gradient table: every op, at arguments away from its kinks, with shapes of one row and one
 * column, odd extents, stride 2, groups, padding, and broadcasting of either side.
 */
public final class GradientTable {
  private final List<GradientRow> rows = new ArrayList<>();

  private GradientTable() {
    unary();
    binary();
    shapes();
    reductions();
    products();
    convolutions();
    convolutionGradients();
    pooling();
    indexed();
    losses();
    normalisation();
    groupNormalisation();
    layerNormalisation();
    normalisedConvolutions();
  }

  /** All rows. */
  public static List<GradientRow> rows() {
    return List.copyOf(new GradientTable().rows);
  }

  /** The classes that have a row. */
  public static Set<Class<?>> examined() {
    return rows().stream().map(row -> row.op().getClass()).collect(Collectors.toSet());
  }

  private void row(String name, Op op, Argument... arguments) {
    rows.add(new GradientRow(op.name() + " " + name, op, List.of(arguments)));
  }

  private void unary() {
    for (Op op : List.of(Abs.INSTANCE, Exp.INSTANCE, Relu.INSTANCE, Sign.INSTANCE, Step.INSTANCE,
        Tanh.INSTANCE, Reciprocal.INSTANCE, Gelu.INSTANCE)) {
      row("[3, 5]", op, any(3, 5));
    }
    row("[3, 5]", Log.INSTANCE, positive(3, 5));
    row("[3, 5]", Sqrt.INSTANCE, positive(3, 5));
    for (Op op : List.of(Exp.INSTANCE.slope(), Log.INSTANCE.slope(), Sqrt.INSTANCE.slope(),
        Reciprocal.INSTANCE.slope(), Tanh.INSTANCE.slope(), Gelu.INSTANCE.slope())) {
      row("[3, 5]", op, positive(3, 5), any(3, 5));
    }
    row("scalar", Exp.INSTANCE, any());
    row("scale and shift", new Affine(-1.5, 0.25), any(2, 3));
    row("shift", new Affine(1, 0.25), any(7));
  }

  private void binary() {
    for (Op op : List.of(Add.INSTANCE, Subtract.INSTANCE, Multiply.INSTANCE, Divide.INSTANCE,
        Maximum.INSTANCE, Greater.INSTANCE, Mask.INSTANCE)) {
      row("same shapes", op, any(3, 5), any(3, 5));
      row("second repeats", op, any(3, 5), any(5));
      row("first repeats", op, any(3, 1), any(2, 3, 5));
      row("both repeat", op, any(3, 1, 4), any(2, 1));
      row("scalar", op, any(), any(2, 3));
    }
  }

  private void shapes() {
    row("[2, 6] to [3, 4]", new Reshape(Shape.of(3, 4)), any(2, 6));
    row("[1] to scalar", new Reshape(Shape.scalar()), any(1));
    row("three axes", new Transpose(2, 0, 1), any(2, 3, 4));
    row("matrix", new Transpose(1, 0), any(3, 1));
    row("a view", new Slice(new int[] {1, 0}, Shape.of(2, 4)), any(4, 4));
    row("inner axis", new Slice(new int[] {1, 1}, Shape.of(2, 2)), any(4, 4));
    row("one element", new Slice(new int[] {2, 1}, Shape.of(1, 1)), any(3, 2));
    row("both sides", new Pad(new int[] {1, 0}, new int[] {0, 2}), any(2, 3));
    row("one axis", new Flip(1), any(2, 3, 2));
    row("two axes", new Flip(0, -1), any(2, 3, 2));
    row("first axis", new Concat(0), any(1, 3), any(2, 3), any(1, 3));
    row("middle axis", new Concat(1), any(2, 1, 2), any(2, 3, 2));
    row("new axis", new BroadcastTo(Shape.of(4, 3)), any(3));
    row("inner axis", new BroadcastTo(Shape.of(2, 5, 3)), any(2, 1, 3));
  }

  private void reductions() {
    row("to scalar", new SumTo(Shape.scalar()), any(3, 5));
    row("inner axis", new SumTo(Shape.of(3, 1)), any(3, 5));
    row("outer axis", new SumTo(Shape.of(5)), any(3, 5));
    row("two apart", new SumTo(Shape.of(1, 3, 1, 2)), any(2, 3, 5, 2));
    row("outer and inner", new SumTo(Shape.of(1, 3, 1)), any(2, 3, 5));
    row("inner axis", new Max(Shape.of(3, 1)), distinct(3, 5));
    row("two apart", new Max(Shape.of(1, 3, 1)), distinct(2, 3, 5));
    row("rows", Softmax.INSTANCE, any(3, 5));
    row("one column", Softmax.INSTANCE, any(3, 1));
    row("three axes", Softmax.INSTANCE, any(2, 1, 4));
    row("rows", LogSumExp.INSTANCE, any(3, 5));
    row("one row", LogSumExp.INSTANCE, any(4));
  }

  private void products() {
    row("plain", matmul(false, false), any(3, 5), any(5, 2));
    row("first transposed", matmul(true, false), any(5, 3), any(5, 2));
    row("second transposed", matmul(false, true), any(3, 5), any(2, 5));
    row("both transposed", matmul(true, true), any(5, 3), any(2, 5));
    row("batch", matmul(false, false), any(2, 3, 4), any(2, 4, 1));
    row("batch, both transposed", matmul(true, true), any(2, 1, 3), any(2, 4, 1));
  }

  private void convolutions() {
    row("3x3", new Conv2d(parameters(1, 1, 1)), any(2, 5, 4, 3), any(2, 3, 3, 3));
    row("1x1", new Conv2d(parameters(1, 0, 1)), any(1, 3, 3, 2), any(4, 2, 1, 1));
    row("stride 2", new Conv2d(parameters(2, 1, 1)), any(1, 5, 6, 2), any(3, 2, 3, 3));
    row("1x1, stride 2", new Conv2d(parameters(2, 0, 1)), any(1, 4, 5, 2), any(3, 2, 1, 1));
    row("groups", new Conv2d(parameters(1, 1, 2)), any(1, 4, 3, 4), any(6, 2, 3, 3));
    row("depthwise", new Conv2d(parameters(2, 2, 3)), any(1, 5, 5, 3), any(3, 1, 5, 3));
    row("rectified", new ConvBiasAct(parameters(1, 1, 1), true),
        any(2, 4, 3, 3), any(4, 3, 3, 3), any(4));
    row("linear", new ConvBiasAct(parameters(1, 1, 1), false),
        any(1, 4, 3, 3), any(4, 3, 3, 3), any(4));
    row("residual, stride 2", new ConvBiasAct(parameters(2, 1, 1), true),
        any(1, 5, 4, 2), any(3, 2, 3, 3), any(3), any(1, 3, 2, 3));
    row("residual, linear", new ConvBiasAct(parameters(1, 0, 2), false),
        any(1, 3, 3, 4), any(2, 2, 1, 1), any(2), any(1, 3, 3, 2));
  }

  private void convolutionGradients() {
    row("3x3", new Conv2dGradInput(parameters(1, 1, 1), Shape.of(2, 5, 4, 3)),
        any(2, 3, 3, 3), any(2, 5, 4, 2));
    row("stride 2", new Conv2dGradInput(parameters(2, 1, 1), Shape.of(1, 5, 6, 2)),
        any(3, 2, 3, 3), any(1, 3, 3, 3));
    row("groups", new Conv2dGradInput(parameters(2, 0, 2), Shape.of(1, 4, 4, 4)),
        any(2, 2, 2, 2), any(1, 2, 2, 2));
    row("3x3", new Conv2dGradWeight(parameters(1, 1, 1), Shape.of(2, 3, 3, 3)),
        any(2, 5, 4, 3), any(2, 5, 4, 2));
    row("stride 2", new Conv2dGradWeight(parameters(2, 1, 1), Shape.of(3, 2, 3, 3)),
        any(1, 5, 6, 2), any(1, 3, 3, 3));
    row("groups", new Conv2dGradWeight(parameters(2, 0, 2), Shape.of(2, 2, 2, 2)),
        any(1, 4, 4, 4), any(1, 2, 2, 2));
  }

  private void pooling() {
    Pool2dGeometry overlapping = new Pool2dGeometry(2, 5, 4, 3, 3, 2, 1);
    Pool2dGeometry tiled = new Pool2dGeometry(1, 4, 6, 2, 2, 2, 0);
    row("overlapping", new AvgPool2d(overlapping), any(2, 5, 4, 3));
    row("tiled", new AvgPool2d(tiled), any(1, 4, 6, 2));
    row("overlapping", new AvgPool2dGrad(overlapping), any(2, 3, 2, 3));
    row("tiled", new AvgPool2dGrad(tiled), any(1, 2, 3, 2));
    Pool2dGeometry shared = new Pool2dGeometry(1, 3, 3, 1, 2, 1, 0);
    row("one winner twice", new MaxPool2d(shared), any(1, 3, 3, 1), indices(0, 4, 4, 8));
    row("one winner twice", new Select(Shape.of(2, 2)), any(3, 3), indices(0, 4, 4, 8));
    row("one winner twice", new Scatter(Shape.of(3, 3)), any(2, 2), indices(0, 4, 4, 8));
  }

  private void indexed() {
    row("one row twice", Gather.INSTANCE, any(4, 3), indices(2, 0, 2));
    row("single numbers", Gather.INSTANCE, any(4), indices(3, 1));
    row("one row twice", new ScatterAdd(4), any(3, 2, 2), indices(2, 0, 2));
  }

  private void losses() {
    row("[3, 5]", CrossEntropy.INSTANCE, any(3, 5), indices(0, 4, 2));
    row("one row", CrossEntropy.INSTANCE, any(1, 2), indices(1));
    row("[3, 5]", CrossEntropyGrad.INSTANCE, any(3, 5), any(3), indices(0, 4, 2));
  }

  private void normalisation() {
    row("rectified", new BatchNormAct(1e-3, true),
        any(2, 3, 2, 3), any(3), any(3), statistics());
    row("linear, rows", new BatchNormAct(1e-3, false), any(5, 2), any(2), any(2), statistics());
    row("residual", new BatchNormAct(1e-3, true),
        any(3, 2, 1, 2), any(2), any(2), statistics(), any(3, 2, 1, 2));
    row("residual, linear", new BatchNormAct(1e-3, false),
        any(3, 2, 1, 2), any(2), any(2), statistics(), any(3, 2, 1, 2));
    row("plain", new BatchNormSums(1e-3, false), any(4, 3), statistics(), any(4, 3));
    row("masked", new BatchNormSums(1e-3, true),
        any(2, 2, 1, 3), statistics(), any(2, 2, 1, 3), positive(2, 2, 1, 3));
    row("plain", new BatchNormGradInput(1e-3, false),
        any(4, 3), any(3), statistics(), any(4, 3), any(2, 3));
    row("masked", new BatchNormGradInput(1e-3, true),
        any(2, 2, 1, 3), any(3), statistics(), any(2, 2, 1, 3), any(2, 3),
        positive(2, 2, 1, 3));
  }

  private void groupNormalisation() {
    row("rectified", new GroupNormAct(1e-3, true),
        any(2, 3, 2, 4), any(4), any(4), groupStatistics(2));
    row("one group, rows", new GroupNormAct(1e-3, false), any(3, 5), any(5), any(5),
        groupStatistics(1));
    row("a channel a group, residual", new GroupNormAct(1e-3, true),
        any(2, 3, 1, 2), any(2), any(2), groupStatistics(2), any(2, 3, 1, 2));
    row("residual, linear", new GroupNormAct(1e-3, false),
        any(1, 2, 2, 6), any(6), any(6), groupStatistics(3), any(1, 2, 2, 6));
    row("plain", new GroupNormSums(1e-3, false), any(2, 3, 4), groupStatistics(2), any(2, 3, 4));
    row("masked", new GroupNormSums(1e-3, true),
        any(2, 2, 2, 3), groupStatistics(1), any(2, 2, 2, 3), positive(2, 2, 2, 3));
    row("plain", new GroupNormGradInput(1e-3, false),
        any(2, 3, 4), any(4), groupStatistics(2), any(2, 3, 4), any(2, 2, 4));
    row("masked", new GroupNormGradInput(1e-3, true),
        any(2, 2, 2, 3), any(3), groupStatistics(3), any(2, 2, 2, 3), any(2, 2, 3),
        positive(2, 2, 2, 3));
  }

  private void layerNormalisation() {
    row("scaled", new LayerNorm(1e-3), any(3, 5), any(5), any(5));
    row("alone", new LayerNorm(1e-3), any(2, 2, 4));
    row("alone", new LayerNormJacobian(1e-3, false), any(3, 5), any(3, 5));
    row("scaled first", new LayerNormJacobian(1e-3, false), any(2, 4), any(2, 4), any(4));
    row("scaled last", new LayerNormJacobian(1e-3, true), any(2, 4), any(2, 4), any(4));
  }

  private void normalisedConvolutions() {
    ConvParameters plain = parameters(1, 1, 1);
    row("3x3", new Conv2dStatistics(plain, made -> {}), any(2, 3, 2, 2), any(3, 2, 3, 3));
    for (ConvParameters p : List.of(plain, parameters(2, 1, 2))) {
      String label = "3x3, stride " + p.stride() + ", groups " + p.groups();
      int in = 4 / p.groups();
      int rows = (3 - 1) / p.stride() + 1;
      row(label, new NormReluConv2d(1e-3, p, made -> {}),
          any(2, 3, 3, 4), any(4), any(4), statistics(), any(4, in, 3, 3));
      row(label, new NormReluConv2dGradWeight(1e-3, p, Shape.of(4, in, 3, 3)),
          any(2, 3, 3, 4), any(4), any(4), statistics(), any(2, rows, rows, 4));
    }
    row("images", new NormReluSums(1e-3),
        any(2, 2, 1, 3), any(3), any(3), statistics(), any(2, 2, 1, 3));
    row("images", new NormReluGradInput(1e-3),
        any(2, 2, 1, 3), any(3), any(3), statistics(), any(2, 2, 1, 3), any(2, 3));
  }

  private static Op matmul(boolean transposeA, boolean transposeB) {
    return new Matmul(transposeA, transposeB, Precision.FP32);
  }

  private static ConvParameters parameters(int stride, int padding, int groups) {
    return new ConvParameters(stride, padding, groups, Precision.FP32);
  }
}
