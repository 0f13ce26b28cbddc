/**
 * How well membership scores tell members from non-members: the exact ROC curve, figures read off
 * it and their bootstrap intervals.
 */
package io.sagitta.attack.metrics;
