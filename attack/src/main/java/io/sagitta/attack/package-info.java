/** Sagitta. */
package io.sagitta.attack;
