package io.sagitta.kernels;

import java.util.Arrays;
import java.util.List;

/** Pooling, its selections and their adjoints. */
final class PoolCases {
  private static final double INFINITY = Double.POSITIVE_INFINITY;
  private static final Tolerance COPIED = Tolerance.exact("copied");

  /** batch, height, width, channels, window, stride, padding. */
  static final List<Pool2dGeometry> GEOMETRIES =
      List.of(
          new Pool2dGeometry(0, 4, 4, 3, 2, 2, 0),
          new Pool2dGeometry(1, 1, 1, 1, 1, 1, 0),
          new Pool2dGeometry(1, 1, 1, 5, 2, 1, 1),
          new Pool2dGeometry(2, 4, 4, 16, 2, 2, 0),
          new Pool2dGeometry(2, 5, 7, 17, 3, 2, 1),
          new Pool2dGeometry(1, 7, 5, 3, 3, 1, 1),
          new Pool2dGeometry(3, 8, 9, 7, 4, 3, 2),
          new Pool2dGeometry(2, 4, 4, 33, 4, 4, 0),
          new Pool2dGeometry(1, 9, 6, 8, 5, 2, 2),
          new Pool2dGeometry(2, 7, 7, 9, 2, 3, 0),
          new Pool2dGeometry(4, 32, 31, 17, 3, 2, 1));

  private PoolCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase("maxPool2d", "every geometry", PoolCases::maxPool2d),
        new ConformanceCase("maxPool2d", "the first of equals", PoolCases::ties),
        new ConformanceCase("maxPool2d", "NaN and infinity", PoolCases::special),
        new ConformanceCase("select", "every size", PoolCases::select),
        new ConformanceCase("scatter", "repeated and absent places", PoolCases::scatter),
        new ConformanceCase("scatter", "overlapping windows", PoolCases::scatterWindows),
        new ConformanceCase("avgPool2d", "every geometry", PoolCases::avgPool2d),
        new ConformanceCase("avgPool2dGrad", "every geometry", PoolCases::avgPool2dGrad));
  }

  private static void maxPool2d(Duel d) {
    for (Pool2dGeometry g : GEOMETRIES) {
      pool(d, g, d.uniform(g.inputElements(), -9, -1));
    }
  }

  private static void ties(Duel d) {
    for (Pool2dGeometry g : GEOMETRIES) {
      double[] few = d.normals((int) g.inputElements());
      for (int i = 0; i < few.length; i++) {
        few[i] = Math.rint(few[i]);
      }
      pool(d, g, d.of(few));
    }
  }

  private static void special(Duel d) {
    double nan = Double.NaN;
    Pool2dGeometry row = new Pool2dGeometry(1, 2, 12, 1, 2, 2, 0);
    pool(
        d, row,
        d.of(
            nan, 1, 1, nan, 2, 3, INFINITY, nan, -INFINITY, -INFINITY, -INFINITY, 0,
            2, 3, 4, nan, nan, 1, INFINITY, 5, -INFINITY, -INFINITY, nan, INFINITY));
    for (Pool2dGeometry g : GEOMETRIES) {
      double[] values = d.normals((int) g.inputElements());
      for (int i = 0; i < values.length; i += 5) {
        values[i] = i % 2 == 0 ? nan : -INFINITY;
      }
      pool(d, g, d.of(values));
    }
  }

  private static void pool(Duel d, Pool2dGeometry g, Duel.Pair x) {
    Duel.Pair y = d.output(g.outputElements());
    Duel.Pair winners = d.outputIndices(g.outputElements());
    d.run(on -> on.backend.maxPool2d(g, on.at(x), on.at(y), on.at(winners)));
    d.check("maxima " + g, y, COPIED);
    d.check("winners " + g, winners, COPIED);
  }

  private static void select(Duel d) {
    for (int size : new int[] {0, 1, 65, 5000}) {
      Duel.Pair x = d.normal(97);
      Duel.Pair winners = d.indicesBelow(97, size);
      Duel.Pair y = d.output(size);
      d.run(on -> on.backend.select(on.at(x), on.at(winners), on.at(y)));
      d.check("select " + size, y, COPIED);
    }
  }

  private static void scatter(Duel d) {
    for (int size : new int[] {0, 1, 65, 5000, 70_001}) {
      Duel.Pair y = d.normal(size);
      Duel.Pair winners = d.indicesBelow(97, size);
      Duel.Pair x = d.output(99);
      d.runOnMagnitudesToo(on -> on.backend.scatter(on.at(y), on.at(winners), on.at(x)));
      d.check("scatter " + size, x, d.elementwise().summing(size));
    }
  }

  /** Winners of windows rise with the output, but neighbours may share one. */
  private static void scatterWindows(Duel d) {
    for (int stride : new int[] {1, 2}) {
      Pool2dGeometry g = new Pool2dGeometry(4, 40, 33, 16, 3, stride, 1);
      Duel.Pair image = d.normal(g.inputElements());
      Duel.Pair top = d.output(g.outputElements());
      Duel.Pair winners = d.outputIndices(g.outputElements());
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair gradX = d.output(g.inputElements());
      d.run(
          on -> {
            on.backend.maxPool2d(g, on.at(image), on.at(top), on.at(winners));
            on.backend.scatter(on.at(gradY), on.at(winners), on.at(gradX));
          });
      d.check("winners " + g, winners, COPIED);
      d.check("maxima " + g, top, COPIED);
      double[] scale = new double[gradX.size()];
      Arrays.fill(scale, 5);
      d.check("scatter " + g, gradX, d.elementwise(), scale);
    }
  }

  private static void avgPool2d(Duel d) {
    for (Pool2dGeometry g : GEOMETRIES) {
      Duel.Pair x = d.normal(g.inputElements());
      Duel.Pair y = d.output(g.outputElements());
      d.runOnMagnitudesToo(on -> on.backend.avgPool2d(g, on.at(x), on.at(y)));
      d.check("means " + g, y, d.elementwise().summing(g.window() * g.window()));
    }
  }

  private static void avgPool2dGrad(Duel d) {
    for (Pool2dGeometry g : GEOMETRIES) {
      Duel.Pair gradY = d.normal(g.outputElements());
      Duel.Pair gradX = d.output(g.inputElements());
      d.runOnMagnitudesToo(on -> on.backend.avgPool2dGrad(g, on.at(gradY), on.at(gradX)));
      d.check("gradient " + g, gradX, d.elementwise().summing(g.window() * g.window()));
    }
  }
}
