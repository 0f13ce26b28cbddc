/**
 * What is known about membership and input loss curvature before anything is measured: the bounds
 * of "Unveiling Privacy, Memorization, and Input Curvature Links" (ICML 2024), of "Curvature Clues"
 * (NeurIPS 2024), and of differential privacy at large. Each says what it presupposes and its
 * {@link io.sagitta.attack.theory.Status}. Quantities are those of the papers: loss in [0, L], natural
 * logarithms, ε ≥ 0.
 */
package io.sagitta.attack.theory;
