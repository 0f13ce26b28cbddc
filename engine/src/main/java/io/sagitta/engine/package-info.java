/**
 * Tensors and derivatives. {@link io.sagitta.engine.Tensor} holds numbers and offers the
 * operations, {@link io.sagitta.engine.Op} is one operation with its derivative rules, and {@link
 * io.sagitta.engine.Autodiff} turns functions into their derivatives, to any order.
 */
package io.sagitta.engine;
