package io.sagitta.engine;

/**
 * How a quantity s changes over the three points x − d, x, x + d of a central difference: {@code
 * odd = (s(x+d) − s(x−d))/2} and {@code even = s(x+d) + s(x−d) − 2s(x)}, carried beside s(x) and
 * never formed by subtraction of the three, so that nothing cancels and low precision does no harm.
 * Linear operations act on each part separately; {@link Op#stencil} says what others do.
 *
 * @param odd of s's shape
 * @param even the same; null is zero, as in the network's input
 */
public record Stencil(Tensor odd, Tensor even) {}
