package io.sagitta.kernels.reference;

import io.sagitta.kernels.GroupNormGeometry;

/**
 * Odd and even parts of central differences through group normalisation, from how the result changes
 * to either side: with c = x − μ, D₀ = √(σ² + ε), δ = e/2 ± o less its group's mean and D = √(D₀² +
 * mean(δ(2c + δ))), that is {@code γ((c + δ)/D − c/D₀) = γ(δ/D − c·mean(δ(2c + δ))/(D·D₀·(D + D₀)))},
 * without cancellation.
 */
final class GroupNormStencil {
  private final GroupNormGeometry g;
  private final ReferenceBuffer x;
  private final ReferenceBuffer statistics;
  private final ReferenceBuffer odd;
  private final ReferenceBuffer even;
  private final double epsilon;

  private GroupNormStencil(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, double epsilon,
      ReferenceBuffer odd, ReferenceBuffer even) {
    this.g = g;
    this.x = x;
    this.statistics = statistics;
    this.epsilon = epsilon;
    this.odd = odd;
    this.even = even;
  }

  static void run(
      GroupNormGeometry g, ReferenceBuffer x, ReferenceBuffer statistics, ReferenceBuffer gamma,
      double epsilon, ReferenceBuffer odd, ReferenceBuffer even, ReferenceBuffer oddY,
      ReferenceBuffer evenY) {
    GroupNormStencil stencil = new GroupNormStencil(g, x, statistics, epsilon, odd, even);
    for (int n = 0; n < g.samples(); n++) {
      for (int group = 0; group < g.groups(); group++) {
        double[] above = stencil.change(n, group, 1);
        double[] below = stencil.change(n, group, -1);
        for (int k = 0; k < above.length; k++) {
          double scale = gamma.get(stencil.place(0, group, k) % g.channels());
          long i = stencil.place(n, group, k);
          oddY.set(i, scale * (above[k] - below[k]) / 2);
          evenY.set(i, scale * (above[k] + below[k]));
        }
      }
    }
  }

  /** How a group's normalised numbers at x + d (side 1) or x − d (side −1) differ from those at x. */
  private double[] change(int n, int group, int side) {
    double[] moves = new double[Math.toIntExact(g.groupElements())];
    double mean = 0;
    for (int k = 0; k < moves.length; k++) {
      long i = place(n, group, k);
      moves[k] = side * odd.get(i) + (even == null ? 0 : even.get(i) / 2);
      mean += moves[k] / moves.length;
    }
    double more = 0;
    for (int k = 0; k < moves.length; k++) {
      moves[k] -= mean;
      more += moves[k] * (2 * centred(n, group, k) + moves[k]) / moves.length;
    }
    double variance = statistics.get((2L * n + 1) * g.groups() + group);
    double before = Math.sqrt(variance + epsilon);
    double after = Math.sqrt(Math.max(variance + more, 0) + epsilon);
    double bend = more / (after * before * (after + before));
    for (int k = 0; k < moves.length; k++) {
      moves[k] = moves[k] / after - centred(n, group, k) * bend;
    }
    return moves;
  }

  private double centred(int n, int group, int k) {
    return x.get(place(n, group, k)) - statistics.get(2L * n * g.groups() + group);
  }

  /** Where the k-th number of a group lies. */
  private long place(int n, int group, int k) {
    long row = (long) n * g.rows() + k / g.groupChannels();
    return row * g.channels() + (long) group * g.groupChannels() + k % g.groupChannels();
  }
}
