/** How parameters follow their gradients, and at what rate. */
package io.sagitta.nn.optim;
