/** Sagitta. */
package io.sagitta.nn;
