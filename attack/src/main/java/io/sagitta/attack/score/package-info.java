/**
 * Scoring: what a trained model says of each sample of a data set, its loss curvature among it,
 * written to the files that attacks read.
 */
package io.sagitta.attack.score;
