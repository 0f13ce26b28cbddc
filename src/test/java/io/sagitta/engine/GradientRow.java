package io.sagitta.engine;

import io.sagitta.engine.ops.BatchNorm;
import io.sagitta.engine.ops.GroupNorm;
import io.sagitta.kernels.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One row of the gradient table: an op with the arguments at which its rules are examined.
 *
 * @param name unique in the table
 * @param op what is examined
 * @param arguments in the op's order
 */
public record GradientRow(String name, Op op, List<Argument> arguments) {
  /** Where numbers are drawn from. */
  enum Domain {
    /** 0.2 ≤ |x| ≤ 1.5, either sign: away from the kinks at zero. */
    ANY,
    /** 0.5 ≤ x ≤ 2. */
    POSITIVE,
    /** Multiples of 0.07, each once, none zero: no ties under a maximum. */
    DISTINCT
  }

  /** What an op is applied to. */
  sealed interface Argument permits Numbers, Indices, Statistics, GroupStatistics {}

  /** Numbers that derivatives are taken in. */
  record Numbers(Domain domain, Shape shape) implements Argument {}

  /** Labels or row indices. */
  record Indices(int... values) implements Argument {}

  /** The batch statistics of the first argument. */
  record Statistics() implements Argument {}

  /** The statistics of the first argument's groups of channels. */
  record GroupStatistics(int groups) implements Argument {}

  static Argument any(int... extents) {
    return new Numbers(Domain.ANY, Shape.of(extents));
  }

  static Argument positive(int... extents) {
    return new Numbers(Domain.POSITIVE, Shape.of(extents));
  }

  static Argument distinct(int... extents) {
    return new Numbers(Domain.DISTINCT, Shape.of(extents));
  }

  static Argument indices(int... values) {
    return new Indices(values);
  }

  static Argument statistics() {
    return new Statistics();
  }

  static Argument groupStatistics(int groups) {
    return new GroupStatistics(groups);
  }

  /** The shapes of the numbers, in order. */
  public List<Shape> shapes() {
    return arguments.stream()
        .filter(Numbers.class::isInstance)
        .map(argument -> ((Numbers) argument).shape())
        .toList();
  }

  /** The point at which the row is examined: one array per shape, the same on every backend. */
  public List<double[]> point() {
    Random random = new Random(name.hashCode());
    List<double[]> point = new ArrayList<>();
    for (Argument argument : arguments) {
      if (argument instanceof Numbers numbers) {
        point.add(draw(numbers, random));
      }
    }
    return point;
  }

  /** Directions of the same shapes, numbered so that several may be had. */
  public List<double[]> directions(int number) {
    Random random = new Random(31L * name.hashCode() + number);
    List<double[]> directions = new ArrayList<>();
    for (Shape shape : shapes()) {
      directions.add(random.doubles(shape.elements(), -1, 1).toArray());
    }
    return directions;
  }

  /** Arrays of this row's shapes as tensors. */
  public List<Tensor> tensors(Backend backend, List<double[]> arrays) {
    List<Tensor> tensors = new ArrayList<>();
    List<Shape> shapes = shapes();
    for (int i = 0; i < shapes.size(); i++) {
      tensors.add(Tensor.of(backend, shapes.get(i), arrays.get(i)));
    }
    return tensors;
  }

  /** The op's inputs: {@code numbers} with the indices and statistics between them. */
  public Tensor[] inputs(List<Tensor> numbers) {
    Tensor[] inputs = new Tensor[arguments.size()];
    int next = 0;
    for (int i = 0; i < inputs.length; i++) {
      Argument argument = arguments.get(i);
      if (argument instanceof Numbers) {
        // A copy of its own, which only the tape may keep alive: a rule that reads what its op
        // does not save meets freed memory and fails.
        inputs[i] = numbers.get(next++).add(0);
      } else if (argument instanceof Indices indices) {
        inputs[i] = Tensor.indices(numbers.get(0).backend(), indices.values());
      } else if (argument instanceof GroupStatistics statistics) {
        inputs[i] = GroupNorm.statistics(inputs[0], statistics.groups());
      } else {
        inputs[i] = BatchNorm.statistics(inputs[0]);
      }
    }
    return inputs;
  }

  /** Applies the op. */
  public Tensor apply(List<Tensor> numbers) {
    return op.apply(inputs(numbers)).add(0);
  }

  /**
   * A scalar with curvature even where the op is linear: Σ wᵢ·tanh(yᵢ/2).
   *
   * @param y the op's result
   */
  public Tensor scalar(Tensor y) {
    double[] weights =
        new Random(name.hashCode() + 7L).doubles(y.shape().elements(), -1, 1).toArray();
    return y.mul(0.5).tanh().mul(Tensor.of(y.backend(), y.shape(), weights)).sum();
  }

  private static double[] draw(Numbers numbers, Random random) {
    int count = Math.toIntExact(numbers.shape().elements());
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (numbers.domain()) {
            case ANY -> (random.nextBoolean() ? 1 : -1) * (0.2 + 1.3 * random.nextDouble());
            case POSITIVE -> 0.5 + 1.5 * random.nextDouble();
            case DISTINCT -> 0.07 * (i - count / 2 + 0.5);
          };
    }
    if (numbers.domain() == Domain.DISTINCT) {
      for (int i = count - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        double swapped = values[i];
        values[i] = values[j];
        values[j] = swapped;
      }
    }
    return values;
  }

  @Override
  public String toString() {
    return name;
  }
}
