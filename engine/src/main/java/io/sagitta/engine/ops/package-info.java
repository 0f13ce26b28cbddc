/**
 * The operations, one a file: the mathematics and shapes, the kernel, and the two derivative rules.
 * Most are reached through {@link io.sagitta.engine.Tensor}'s methods; the others have a static
 * method of their own.
 */
package io.sagitta.engine.ops;
