package io.sagitta.engine;

/** How the result of an op depends on those of its inputs that vary. */
public enum Dependence {
  /** Linear in all of them together, up to a constant. */
  LINEAR,
  /** Linear on each of finitely many pieces: the second derivative is zero almost everywhere. */
  PIECEWISE_LINEAR,
  /** Curved, or not known to be otherwise. */
  SMOOTH
}
