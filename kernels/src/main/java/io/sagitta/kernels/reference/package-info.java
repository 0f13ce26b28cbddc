/**
 * The reference backend: every kernel as the plainest loop that says what it computes, in float64
 * on one thread. It is the oracle that the fast backends are tested against, and what derivatives
 * are checked on; it is far too slow for training. With its products on all cores it scores
 * networks in float64.
 */
package io.sagitta.kernels.reference;
