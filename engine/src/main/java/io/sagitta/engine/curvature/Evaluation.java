package io.sagitta.engine.curvature;

import io.sagitta.kernels.Backend;
import io.sagitta.kernels.Precision;
import java.util.Locale;

/**
 * How a zero-order stencil is evaluated.
 *
 * <p><b>Streams</b> carry the odd and even differences through the network beside one base pass (see
 * {@link io.sagitta.engine.Stencil}), so that nothing cancels and low precision costs little; they
 * need the network's ops. <b>Plain</b> queries ask for the losses at the points and subtract, in the
 * backend's precision, as one must where the network is a black box; the difference keeps about
 * three digits less than the losses have.
 *
 * @param rows the precision of the products in the streams; null for plain queries
 */
public record Evaluation(Precision rows) {
  /** Streams whose products are computed in this precision, the base pass in full. */
  public static Evaluation streams(Precision rows) {
    if (rows == null) {
      throw new IllegalArgumentException("streams: expected a precision, got null");
    }
    return new Evaluation(rows);
  }

  /** Plain queries. */
  public static Evaluation plain() {
    return new Evaluation(null);
  }

  /**
   * The streams that are fastest on a backend at no cost in accuracy that matters: bf16 where it has
   * such products, else float32.
   */
  public static Evaluation best(Backend backend) {
    return streams(backend.supports(Precision.BF16) ? Precision.BF16 : Precision.FP32);
  }

  /** Whether it asks for losses alone. */
  public boolean isPlain() {
    return rows == null;
  }

  /** {@code plain}, or {@code streams-} and the precision, in lower case. */
  public String text() {
    return isPlain() ? "plain" : "streams-" + rows.name().toLowerCase(Locale.ROOT);
  }

  void check(String estimator, Backend backend) {
    if (!isPlain() && !backend.supports(rows)) {
      throw new IllegalArgumentException(
          estimator + ": expected a precision that " + backend.name() + " has, got "
              + rows.name().toLowerCase(Locale.ROOT));
    }
  }
}
