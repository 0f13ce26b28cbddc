package io.sagitta.attack.spark;

import java.io.Serializable;
import java.util.Map;

/**
 * How far the work on a model is.
 *
 * @param fraction 0 to 1
 * @param outcome null while it goes on
 * @param figures what to show, in order; numbers and text
 */
record ModelReport(int model, double fraction, String outcome, Map<String, Object> figures)
    implements Serializable {}
