package io.sagitta.engine.ops;

import io.sagitta.engine.DenseTensor;
import io.sagitta.engine.Shape;
import io.sagitta.engine.Tensor;
import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Conv2dGeometry;
import io.sagitta.kernels.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Squared norms of the gradients that each sample alone would give a parameter that all share. They
 * are never stored: a few at a time lie in scratch memory, or they are not made at all. Sample n's
 * gradient in the matrix of a product is aₙᵀgₙ, from its T rows of activations a [N, T, d] and of the
 * result's gradient g [N, T, p], and ‖aᵀg‖² = ⟨aaᵀ, ggᵀ⟩, the "ghost norm" (Li, Tramèr, Liang and
 * Hashimoto, "Large Language Models Can Be Strong Differentially Private Learners", ICLR 2022); the
 * cheaper of both is computed (Bu, Mao and Xu, "Scalable and Efficient Training of Large
 * Convolutional Neural Networks with Differential Privacy", NeurIPS 2022).
 */
final class SampleNorms {
  /** Elements of scratch memory: what stays in a processor's caches, or keeps a device busy. */
  private static final long HOST_SCRATCH = 1 << 20;

  private static final long DEVICE_SCRATCH = 1 << 23;

  private SampleNorms() {}

  /**
   * Of a parameter that was broadcast to the result's shape.
   *
   * @param gradient [N·k, …]: of the result, times what the parameter was multiplied by
   * @param shape the parameter's
   * @return [N]
   */
  static Tensor ofBroadcast(String op, Tensor gradient, Shape shape, int samples) {
    Shape result = gradient.shape();
    int rank = result.rank();
    int missing = rank - shape.rank();
    if (missing < 0 || (missing == 0 && (rank == 0 || shape.dim(0) != 1))) {
      throw new IllegalArgumentException(
          "no per-sample rule for op '" + op + "' with a result " + result + " and a parameter "
              + shape);
    }
    int[] rows = new int[rank + 1];
    int[] own = new int[rank + 1];
    rows[0] = samples;
    rows[1] = each(op, result, samples);
    own[0] = samples;
    own[1] = 1;
    for (int axis = 1; axis < rank; axis++) {
      rows[axis + 1] = result.dim(axis);
      own[axis + 1] = axis < missing ? 1 : shape.dim(axis - missing);
    }
    return ofGradients(gradient.reshape(Shape.of(rows)).sumTo(Shape.of(own)), samples);
  }

  /** Rows of a tensor that belong to each sample. */
  private static int each(String op, Shape rows, int samples) {
    if (rows.dim(0) % samples != 0) {
      throw new IllegalArgumentException(
          "no per-sample rule for op '" + op + "': expected as many rows for each of " + samples
              + " samples, got " + rows);
    }
    return rows.dim(0) / samples;
  }

  /** Of gradients that are at hand, [N, …]. */
  private static Tensor ofGradients(Tensor gradients, int samples) {
    int each = Math.toIntExact(gradients.shape().elements() / samples);
    return gradients.reshape(Shape.of(samples, each)).square().sum(1);
  }

  /**
   * Of the second matrix of a product of rows.
   *
   * @param a [N·T, d], the rows of a sample one after the other
   * @param gradient [N·T, p]
   * @return [N]
   */
  static Tensor ofProduct(Precision precision, Tensor a, Tensor gradient, int samples) {
    int rows = each("matmul", a.shape(), samples);
    if (rows == 1) {
      return a.square().sum(1).mul(gradient.square().sum(1));
    }
    int left = a.shape().dim(1);
    int right = gradient.shape().dim(1);
    int most = most(a.backend(), samples, scratch(rows, left, right));
    return inChunks(
        samples,
        most,
        (from, count) ->
            norms(
                precision, part(a, from, Shape.of(count, rows, left)),
                part(gradient, from, Shape.of(count, rows, right))));
  }

  /**
   * Of a convolution's weights: a product of the images' windows with the result's gradient.
   *
   * @param x [N·k, H, W, C], the images of a sample one after the other
   * @param gradient [N·k, H′, W′, K]
   * @return [N]
   */
  static Tensor ofConvolution(
      Precision precision, Conv2dGeometry g, Tensor x, Tensor gradient, int samples) {
    Windows windows = new Windows(g);
    int images = each("conv2d", x.shape(), samples);
    int rows = images * windows.count();
    int right = g.outChannels();
    long each = scratch(rows, windows.elements(), right) + (long) rows * windows.elements();
    int most = most(x.backend(), samples, each);
    return Tensor.tidy(
        () -> {
          DenseTensor room = windows.room(x.backend(), images * most);
          return inChunks(
              samples,
              most,
              (from, count) ->
                  norms(
                      precision,
                      windows.of(x.value(), images * from, images * count, room)
                          .view(Shape.of(count, rows, windows.elements())),
                      part(gradient, from, Shape.of(count, rows, right))));
        });
  }

  /**
   * How many samples at a time the scratch memory is for, unless one alone wants more.
   *
   * @param each elements of scratch memory for a sample
   */
  private static int most(Backend backend, int samples, long each) {
    long scratch = backend.freeDeviceBytes() > 0 ? DEVICE_SCRATCH : HOST_SCRATCH;
    return (int) Math.max(1, Math.min(samples, scratch / Math.max(1, each)));
  }

  /** Norms of the samples from {@code from} on. */
  private interface Chunk {
    Tensor norms(int from, int count);
  }

  private static Tensor inChunks(int samples, int most, Chunk chunk) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < samples; i += most) {
      int from = i;
      parts.add(Tensor.tidy(() -> chunk.norms(from, Math.min(most, samples - from))));
    }
    return parts.size() == 1 ? parts.get(0) : Concat.concat(0, parts);
  }

  private static Tensor part(Tensor all, int from, Shape shape) {
    return all.value().view(from * shape.elements(1, 3), shape);
  }

  /** Whether aaᵀ and ggᵀ, T²(d + p) multiplications, cost less than aᵀg, T·d·p. */
  private static boolean ghost(long rows, long left, long right) {
    return rows * (left + right) < left * right;
  }

  /** Elements that {@link #norms} makes of one sample. */
  private static long scratch(long rows, long left, long right) {
    return ghost(rows, left, right) ? 3 * rows * rows : 2 * left * right;
  }

  /** Of a [n, T, d] and g [n, T, p]. */
  private static Tensor norms(Precision precision, Tensor a, Tensor g) {
    if (ghost(a.shape().dim(1), a.shape().dim(2), g.shape().dim(2))) {
      Matmul gram = new Matmul(false, true, precision);
      return gram.apply(a, a).mul(gram.apply(g, g)).sum(1, 2);
    }
    return new Matmul(true, false, precision).apply(a, g).square().sum(1, 2);
  }
}
