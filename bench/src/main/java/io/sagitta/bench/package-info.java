/** Sagitta. */
package io.sagitta.bench;
