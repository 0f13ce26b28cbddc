package io.sagitta.attack.study;

import io.sagitta.attack.score.Estimator;

/**
 * One way to score in a study.
 *
 * @param name such as {@code plain-fp32} or {@code hutchinson, n = 16}
 * @param series what it belongs to: ways of one series differ in how much work they do
 * @param h step, NaN for estimators without one
 * @param n trials a sample, 0 for estimators without trials
 */
public record Setting(String name, String series, Estimator estimator, double h, int n) {}
