/** The command line, {@code sagitta}. */
package io.sagitta.attack.cli;
