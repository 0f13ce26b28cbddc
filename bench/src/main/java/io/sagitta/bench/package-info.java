/**
 * Benchmarks. {@link io.sagitta.bench.Compare} measures Sagitta beside other engines, in turn and
 * in one run; the JMH classes time one thing each.
 */
package io.sagitta.bench;
