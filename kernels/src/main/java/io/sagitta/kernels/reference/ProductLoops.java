package io.sagitta.kernels.reference;

import io.sagitta.kernels.Conv2dGeometry;

/** Matrix products and the three forms of convolution. */
final class ProductLoops {
  /** One of the products x·w that a convolution adds up in y, by flat element indices. */
  private interface Term {
    void visit(long x, long w, long y);
  }

  private ProductLoops() {}

  static void matmul(
      ReferenceBuffer a, boolean transposeA, ReferenceBuffer b, boolean transposeB,
      ReferenceBuffer c, long batch, long m, long n, long k) {
    for (long p = 0; p < batch; p++) {
      for (long i = 0; i < m; i++) {
        for (long j = 0; j < n; j++) {
          double sum = 0;
          for (long r = 0; r < k; r++) {
            double left = a.get(p * m * k + (transposeA ? r * m + i : i * k + r));
            double right = b.get(p * k * n + (transposeB ? j * k + r : r * n + j));
            sum += left * right;
          }
          c.set((p * m + i) * n + j, sum);
        }
      }
    }
  }

  static void conv2d(Conv2dGeometry g, ReferenceBuffer x, ReferenceBuffer w, ReferenceBuffer y) {
    y.fill(0);
    forEachTerm(g, (xi, wi, yi) -> y.add(yi, x.get(xi) * w.get(wi)));
  }

  static void conv2dGradInput(
      Conv2dGeometry g, ReferenceBuffer w, ReferenceBuffer gradY, ReferenceBuffer gradX) {
    gradX.fill(0);
    forEachTerm(g, (xi, wi, yi) -> gradX.add(xi, gradY.get(yi) * w.get(wi)));
  }

  static void conv2dGradWeight(
      Conv2dGeometry g, ReferenceBuffer x, ReferenceBuffer gradY, ReferenceBuffer gradW) {
    gradW.fill(0);
    forEachTerm(g, (xi, wi, yi) -> gradW.add(wi, gradY.get(yi) * x.get(xi)));
  }

  /** y = act(y + bias + residual), residual null for none. */
  static void biasAct(
      ReferenceBuffer bias, ReferenceBuffer residual, boolean relu, ReferenceBuffer y) {
    for (long i = 0; i < y.elements(); i++) {
      double sum = y.get(i) + bias.get(i % bias.elements());
      sum += residual == null ? 0 : residual.get(i);
      y.set(i, relu ? Math.max(sum, 0) : sum);
    }
  }

  private static void forEachTerm(Conv2dGeometry g, Term term) {
    for (int n = 0; n < g.batch(); n++) {
      for (int oy = 0; oy < g.outHeight(); oy++) {
        for (int ox = 0; ox < g.outWidth(); ox++) {
          for (int oc = 0; oc < g.outChannels(); oc++) {
            long y = ((n * (long) g.outHeight() + oy) * g.outWidth() + ox) * g.outChannels() + oc;
            forEachTermOf(g, n, oy, ox, oc, y, term);
          }
        }
      }
    }
  }

  private static void forEachTermOf(
      Conv2dGeometry g, int n, int oy, int ox, int oc, long y, Term term) {
    int group = oc / g.groupOutChannels();
    for (int kh = 0; kh < g.kernelHeight(); kh++) {
      for (int kw = 0; kw < g.kernelWidth(); kw++) {
        int iy = oy * g.stride() + kh - g.padding();
        int ix = ox * g.stride() + kw - g.padding();
        if (iy < 0 || iy >= g.height() || ix < 0 || ix >= g.width()) {
          continue;
        }
        for (int c = 0; c < g.groupInChannels(); c++) {
          int ic = group * g.groupInChannels() + c;
          long x = ((n * (long) g.height() + iy) * g.width() + ix) * g.inChannels() + ic;
          long w = ((oc * (long) g.groupInChannels() + c) * g.kernelHeight() + kh)
              * g.kernelWidth() + kw;
          term.visit(x, w, y);
        }
      }
    }
  }
}
