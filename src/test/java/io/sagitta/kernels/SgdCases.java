package io.sagitta.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Stochastic gradient descent. */
final class SgdCases {
  private static final int[] SIZES = {0, 1, 2, 7, 8, 9, 63, 64, 65, 1023, 70_001};

  private SgdCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("sgd", "as PyTorch, several steps", SgdCases::sgd),
        new ConformanceCase("sgd", "many tensors at once", SgdCases::sgdOfMany));
  }

  private static void sgd(Duel d) {
    for (int size : SIZES) {
      for (boolean nesterov : new boolean[] {false, true}) {
        sgd(d, size, 0.9, 5e-4, nesterov);
      }
      sgd(d, size, 0, 0, false);
    }
  }

  private static void sgd(
      Duel d, int size, double momentum, double weightDecay, boolean nesterov) {
    Duel.Pair weight = d.normal(size);
    Duel.Pair velocity = d.of(new double[size]);
    for (int step = 0; step < 3; step++) {
      Duel.Pair gradient = d.normal(size);
      d.run(
          on ->
              on.backend.sgd(
                  List.of(on.at(weight)), List.of(on.at(gradient)), List.of(on.at(velocity)), 0.1,
                  momentum, weightDecay, nesterov));
    }
    String what = "after three steps, momentum " + momentum + ", nesterov " + nesterov;
    double[] scale = plus(weight.initial(), 1, 5);
    d.check("weight " + what, weight, d.elementwise(), scale);
    d.check("velocity " + what, velocity, d.elementwise(), scale);
  }

  /** More tensors than one launch of any backend takes, of lengths about those it is cut by. */
  private static void sgdOfMany(Duel d) {
    List<Duel.Pair> weights = new ArrayList<>();
    List<Duel.Pair> gradients = new ArrayList<>();
    List<Duel.Pair> velocities = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      int size = i % 50 == 7 ? 4095 + i / 50 : i % 9;
      weights.add(d.normal(size));
      gradients.add(d.normal(size));
      velocities.add(d.normal(size));
    }
    d.run(
        on ->
            on.backend.sgd(
                all(on, weights), all(on, gradients), all(on, velocities), 0.1, 0.9, 5e-4, true));
    for (int i = 0; i < weights.size(); i++) {
      double[] scale = plus(weights.get(i).initial(), 1, 5);
      d.check("weight " + i, weights.get(i), d.elementwise(), scale);
      d.check("velocity " + i, velocities.get(i), d.elementwise(), scale);
    }
  }

  private static List<Buffer> all(Duel.Side on, List<Duel.Pair> pairs) {
    return pairs.stream().map(on::at).toList();
  }

  /** |x|·scale + shift: the sum of two terms' magnitudes. */
  private static double[] plus(double[] x, double scale, double shift) {
    return Arrays.stream(x).map(v -> Math.abs(v) * scale + shift).toArray();
  }
}
