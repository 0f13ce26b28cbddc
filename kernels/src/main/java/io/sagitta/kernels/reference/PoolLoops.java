package io.sagitta.kernels.reference;

import io.sagitta.kernels.Pool2dGeometry;

/** Pooling and its adjoints. */
final class PoolLoops {
  /** One element x of the input that the window of output element y sees, by flat indices. */
  interface Member {
    void visit(long x, long y);
  }

  private PoolLoops() {}

  static void maxPool2d(
      Pool2dGeometry g, ReferenceBuffer x, ReferenceBuffer y, ReferenceBuffer winners) {
    for (long i = 0; i < y.elements(); i++) {
      winners.setIndex(i, -1);
    }
    forEachMember(
        g,
        (xi, yi) -> {
          double value = x.get(xi);
          boolean first = winners.index(yi) < 0;
          if (first || value > y.get(yi) || (Double.isNaN(value) && !Double.isNaN(y.get(yi)))) {
            y.set(yi, value);
            winners.setIndex(yi, Math.toIntExact(xi));
          }
        });
  }

  static void select(ReferenceBuffer x, ReferenceBuffer winners, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, x.get(winners.index(i)));
    }
  }

  static void scatter(ReferenceBuffer y, ReferenceBuffer winners, ReferenceBuffer x) {
    x.fill(0);
    for (long i = 0; i < y.elements(); i++) {
      x.add(winners.index(i), y.get(i));
    }
  }

  static void avgPool2d(Pool2dGeometry g, ReferenceBuffer x, ReferenceBuffer y) {
    double share = 1.0 / (g.window() * g.window());
    y.fill(0);
    forEachMember(g, (xi, yi) -> y.add(yi, share * x.get(xi)));
  }

  static void avgPool2dGrad(Pool2dGeometry g, ReferenceBuffer gradY, ReferenceBuffer gradX) {
    double share = 1.0 / (g.window() * g.window());
    gradX.fill(0);
    forEachMember(g, (xi, yi) -> gradX.add(xi, share * gradY.get(yi)));
  }

  /** Visits each window's members in row-major order, those in the padding left out. */
  static void forEachMember(Pool2dGeometry g, Member member) {
    for (int n = 0; n < g.batch(); n++) {
      for (int oy = 0; oy < g.outHeight(); oy++) {
        for (int ox = 0; ox < g.outWidth(); ox++) {
          for (int c = 0; c < g.channels(); c++) {
            long y = ((n * (long) g.outHeight() + oy) * g.outWidth() + ox) * g.channels() + c;
            forEachMemberOf(g, n, oy, ox, c, y, member);
          }
        }
      }
    }
  }

  private static void forEachMemberOf(
      Pool2dGeometry g, int n, int oy, int ox, int c, long y, Member member) {
    for (int kh = 0; kh < g.window(); kh++) {
      for (int kw = 0; kw < g.window(); kw++) {
        int iy = oy * g.stride() + kh - g.padding();
        int ix = ox * g.stride() + kw - g.padding();
        if (iy >= 0 && iy < g.height() && ix >= 0 && ix < g.width()) {
          long x = ((n * (long) g.height() + iy) * g.width() + ix) * g.channels() + c;
          member.visit(x, y);
        }
      }
    }
  }
}
