/**
 * Estimators of the curvature of each sample's loss with respect to its input. A {@link
 * io.sagitta.engine.curvature.CurvatureEstimator} asks a network through {@link
 * io.sagitta.engine.curvature.Logits} and knows nothing else of it.
 */
package io.sagitta.engine.curvature;
