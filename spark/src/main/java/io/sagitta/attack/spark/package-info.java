/**
 * Apache Spark as the machines that a run's models are worked on with: one task a model. The run
 * folder, on storage that all machines share, is all they have in common.
 */
package io.sagitta.attack.spark;
