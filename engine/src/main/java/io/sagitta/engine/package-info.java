/** Sagitta. */
package io.sagitta.engine;
