/**
 * The run folder: who was trained on what, and every model's scores, as files and in memory. What
 * attacks read is here and nowhere else.
 */
package io.sagitta.attack.run;
