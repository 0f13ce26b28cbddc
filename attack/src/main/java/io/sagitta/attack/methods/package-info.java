/**
 * Membership-inference attacks, one file each, over the scores that target and shadow models gave,
 * and their evaluation. Every attack exists in a statistically correct form, and those of the
 * paper's table in the arithmetic of its published code too. All attacks, modes and targets come
 * from one reading: what is learnt from the shadows is learnt once, and one redraw of a target's
 * samples serves the intervals of all attacks on it.
 */
package io.sagitta.attack.methods;
