/**
 * Membership-inference attacks, one file each, over the scores that target and shadow models gave,
 * and their evaluation. Every attack exists in the arithmetic of the paper's published code and in
 * a statistically correct form.
 */
package io.sagitta.attack.methods;
