/** How commands speak with a person: options, progress, errors and exit codes. */
package io.sagitta.attack.console;
