package io.sagitta.attack.run;

import java.util.Locale;

/**
 * What a model is asked about a sample; each is a tensor {@code [views, samples]} of a score file.
 */
public enum Signal {
  /** Zero-order input loss curvature, proportional to the Frobenius norm of the input Hessian. */
  CURV_ZO,
  /** The exact trace of the input Hessian, of piecewise linear networks. */
  CURV_EXACT,
  /** Hutchinson's estimate of the trace of the input Hessian. */
  CURV_TRACE,
  /** Cross-entropy, in nats. */
  LOSS,
  /** Probability of the true class. */
  PROB_TRUE,
  /** The largest probability. */
  PROB_MAX,
  /** {@code log p_y − log(1 − p_y)}, by log-sum-exp over the wrong classes in double. */
  LOGIT,
  /** Modified entropy, {@code −(1−p_y) log p_y − Σ_{k≠y} p_k log(1−p_k)}, in nats. */
  MENTR;

  /** The tensor's name in a score file, such as {@code curv_zo}. */
  public String tensorName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
