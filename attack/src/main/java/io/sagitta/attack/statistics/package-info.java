/** Tests of hypotheses that the studies need and Commons Math lacks; checked against SciPy's. */
package io.sagitta.attack.statistics;
