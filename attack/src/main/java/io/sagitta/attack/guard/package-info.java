/**
 * Whether an evaluation's figures can be read as leakage at all: targets trained as the shadows
 * were, and members that differ from non-members by training alone.
 */
package io.sagitta.attack.guard;
