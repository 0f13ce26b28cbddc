/**
 * The experiments: each asks a question of models or of a run's scores, and answers with figures, a
 * picture and a paragraph that is made from the figures.
 */
package io.sagitta.attack.study;
